package dev.lockstep.raft.archfixtures.hashorder.quorum;

import java.util.List;
import java.util.Set;

final class BadSetCopy {
    Set<String> copy(List<String> all) {
        return Set.copyOf(all);
    }
}
