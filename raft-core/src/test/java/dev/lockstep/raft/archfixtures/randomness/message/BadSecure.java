package dev.lockstep.raft.archfixtures.randomness.message;

import java.security.SecureRandom;

final class BadSecure {
    SecureRandom random = new SecureRandom(new byte[8]);
}
