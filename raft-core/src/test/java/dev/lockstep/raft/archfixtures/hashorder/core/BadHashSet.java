package dev.lockstep.raft.archfixtures.hashorder.core;

import java.util.HashSet;
import java.util.Set;

final class BadHashSet {
    Set<String> set = new HashSet<>();
}
