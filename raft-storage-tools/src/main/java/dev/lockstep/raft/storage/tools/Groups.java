package dev.lockstep.raft.storage.tools;

import dev.lockstep.raft.model.GroupId;
import java.io.IOException;
import java.util.Collection;
import java.util.List;

/** The groups that a command was told to work on. */
final class Groups {
    private Groups() {}

    static void check(Directory directory, GroupId group) throws IOException {
        List<GroupId> all = directory.survey().groups();
        if (!all.contains(group)) {
            throw new Refused(
                    directory.path()
                            + " holds no group '"
                            + group
                            + "'; it holds "
                            + all
                            + ". Nothing was changed.");
        }
    }

    /** Those that were named, or all where none was. */
    static List<GroupId> chosen(Directory directory, Collection<GroupId> named) throws IOException {
        for (GroupId group : named) {
            check(directory, group);
        }
        return named.isEmpty()
                ? directory.survey().groups()
                : named.stream().distinct().sorted().toList();
    }
}
