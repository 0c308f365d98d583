package dev.lockstep.raft.archfixtures.hashorder.runtime;

import java.util.HashMap;
import java.util.Map;

final class FineHashMap {
    Map<String, Long> map = new HashMap<>();
}
