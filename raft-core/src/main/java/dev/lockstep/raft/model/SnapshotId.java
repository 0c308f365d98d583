package dev.lockstep.raft.model;

/**
 * Names one snapshot file, byte for byte. Two replicas' snapshots of one position may differ in
 * their bytes, so a transfer that goes on at another replica must not mix them.
 *
 * @param position the last entry whose effects are in it
 * @param bytes the size of the file, at least 1
 * @param checksum CRC-32C of the file, as its end states it
 */
public record SnapshotId(LogPosition position, long bytes, int checksum) {
    public SnapshotId {
        if (position.index() < 1 || bytes < 1) {
            throw new IllegalArgumentException(
                    "no snapshot stands at " + position + " with " + bytes + " bytes");
        }
    }

    @Override
    public String toString() {
        return position + "/" + bytes + "/" + Integer.toHexString(checksum);
    }
}
