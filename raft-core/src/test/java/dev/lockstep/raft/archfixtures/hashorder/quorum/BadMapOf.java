package dev.lockstep.raft.archfixtures.hashorder.quorum;

import java.util.Map;

final class BadMapOf {
    Map<String, Long> map = Map.of("a", 1L, "b", 2L);
}
