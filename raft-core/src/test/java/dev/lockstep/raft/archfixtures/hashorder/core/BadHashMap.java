package dev.lockstep.raft.archfixtures.hashorder.core;

import java.util.HashMap;
import java.util.Map;

final class BadHashMap {
    Map<String, Long> map = new HashMap<>();
}
