package dev.lockstep.raft.archfixtures.io.runtime;

import java.io.File;

final class FineFile {
    File file = new File("vote");
}
