package dev.lockstep.raft.archfixtures.io.message;

import java.nio.channels.FileChannel;

final class BadChannel {
    FileChannel channel;
}
