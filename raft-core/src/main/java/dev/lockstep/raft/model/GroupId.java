package dev.lockstep.raft.model;

/**
 * The name of one Raft group (one Raft cluster and its state machine). Frames and log records carry
 * its 64-bit {@link #key} instead of the name, so that they have a fixed size.
 *
 * @param name 1 to 64 characters out of {@code A-Z a-z 0-9 . _ -}
 */
public record GroupId(String name) implements Comparable<GroupId> {
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    public GroupId {
        Names.check("group id", name);
    }

    public static GroupId of(String name) {
        return new GroupId(name);
    }

    /**
     * The group's number on disk and wire: FNV-1a over the name, mixed by the finalizer of
     * SplitMix64. The same on every host and in every version. Two names with one key can't be open
     * on the same host; the second is refused.
     */
    public long key() {
        long hash = FNV_OFFSET;
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ name.charAt(i)) * FNV_PRIME;
        }
        hash = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
        hash = (hash ^ (hash >>> 27)) * 0x94d049bb133111ebL;
        return hash ^ (hash >>> 31);
    }

    @Override
    public int compareTo(GroupId other) {
        return name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return name;
    }
}
