package dev.lockstep.raft.archfixtures.io.core;

import java.nio.ByteBuffer;

final class FineBuffer {
    ByteBuffer buffer = ByteBuffer.allocate(8);
}
