package dev.lockstep.raft.archfixtures.clocks.core;

import java.util.Date;

final class BadDate {
    Date now = new Date();
}
