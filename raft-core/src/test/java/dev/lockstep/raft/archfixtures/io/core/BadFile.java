package dev.lockstep.raft.archfixtures.io.core;

import java.io.File;

final class BadFile {
    File file = new File("vote");
}
