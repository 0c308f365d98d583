package dev.lockstep.raft.archfixtures.io.quorum;

import java.nio.file.Files;
import java.nio.file.Path;

final class BadPath {
    boolean there(Path path) {
        return Files.exists(path);
    }
}
