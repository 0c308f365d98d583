package dev.lockstep.raft.archfixtures.hashorder.core;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

final class BadCollector {
    Set<String> collect(Stream<String> all) {
        return all.collect(Collectors.toSet());
    }
}
