package dev.lockstep.raft.archfixtures.hashorder.core;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

final class FineCollections {
    Map<String, Long> linked = new LinkedHashMap<>();
    Map<String, Long> sorted = new TreeMap<>();
    List<String> list = List.of("a", "b");

    FineCollections() {
        linked.put("a", 1L);
    }
}
