package dev.lockstep.raft.storage.tools;

import dev.lockstep.raft.model.ClusterId;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.NodeId;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The commands and their options; each method is one. */
@Command(
        name = "lockstep-storage",
        description = {
            "Works on the directory of a host that is down, and refuses one that is in use.",
            "cut, restore and recover make a new directory, say first what it means, and ask."
        },
        synopsisSubcommandLabel = "COMMAND",
        subcommands = HelpCommand.class,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:done; nothing is damaged",
            "1:damage was found",
            "2:wrong usage",
            "3:refused, not agreed to, or failed"
        })
final class StorageCommand {
    static final int DONE = 0;
    static final int DAMAGED = 1;
    static final int REFUSED = 3;

    private final BufferedReader in;

    @Spec private @Nullable CommandSpec spec;

    private StorageCommand(BufferedReader in) {
        this.in = in;
    }

    /**
     * @param in where the operator's answers come from
     */
    static CommandLine line(BufferedReader in) {
        CommandLine line = new CommandLine(new StorageCommand(in));
        line.registerConverter(GroupId.class, name(GroupId::of));
        line.registerConverter(ClusterId.class, name(ClusterId::new));
        line.registerConverter(NodeId.class, name(NodeId::of));
        line.setExecutionExceptionHandler(
                (e, command, unused) -> {
                    String what =
                            e instanceof IOException && e.getMessage() != null
                                    ? e.getMessage()
                                    : e.toString();
                    command.getErr().println("lockstep-storage: " + what);
                    return REFUSED;
                });
        return line;
    }

    @Command(description = "Says who the host is and what it holds of each group.")
    int inspect(@Parameters(paramLabel = "DIRECTORY") Path directory) throws IOException {
        try (Directory opened = Directory.reading(directory)) {
            return new Inspect(opened, terminal()).run() ? DONE : DAMAGED;
        }
    }

    @Command(
            description =
                    "Checks every block, batch, record and snapshot, and says what each damage means.")
    int verify(@Parameters(paramLabel = "DIRECTORY") Path directory) throws IOException {
        try (Directory opened = Directory.reading(directory)) {
            return new Verify(opened, terminal()).run() ? DONE : DAMAGED;
        }
    }

    @Command(
            description = "Prints the records of a group, in the order in which they were written.")
    int dump(
            @Parameters(paramLabel = "DIRECTORY") Path directory,
            @Option(names = "--group", paramLabel = "GROUP", required = true, description = "whose")
                    GroupId group,
            @Option(
                            names = "--from",
                            paramLabel = "INDEX",
                            defaultValue = "0",
                            description = "the first index; entries only, then")
                    long from,
            @Option(names = "--to", paramLabel = "INDEX", description = "the last index")
                    @Nullable Long to,
            @Option(names = "--payload", description = "payloads too, in hex") boolean payload)
            throws IOException {
        try (Directory opened = Directory.reading(directory)) {
            Groups.check(opened, group);
            long until = to == null ? Long.MAX_VALUE : to;
            Dump dump = new Dump(terminal(), group, from, until, payload);
            return dump.run(opened) ? DONE : DAMAGED;
        }
    }

    @Command(
            description =
                    "Writes a group's newest snapshot and the log behind it into one checked file.")
    int export(
            @Parameters(paramLabel = "DIRECTORY") Path directory,
            @Option(names = "--group", paramLabel = "GROUP", required = true, description = "which")
                    GroupId group,
            @Option(
                            names = "--to",
                            paramLabel = "FILE",
                            required = true,
                            description = "the file to make")
                    Path to)
            throws IOException {
        try (Directory opened = Directory.reading(directory)) {
            new Export(opened, terminal()).run(group, to);
            return DONE;
        }
    }

    @Command(
            description = {
                "Makes a directory that lacks the end of a log: one group's behind an index, or that of each group which damage has touched.",
                "Who was cut isn't the voter that it was, and rejoins under a new incarnation."
            })
    int cut(
            @Parameters(paramLabel = "DIRECTORY") Path directory,
            @Option(
                            names = "--into",
                            paramLabel = "DIRECTORY",
                            required = true,
                            description = "the directory to make")
                    Path into,
            @Option(names = "--group", paramLabel = "GROUP", description = "the group to cut")
                    @Nullable GroupId group,
            @Option(names = "--after", paramLabel = "INDEX", description = "the last index to keep")
                    @Nullable Long after,
            @Option(
                            names = "--at-damage",
                            description =
                                    "every group of which damage has cost something, where that begins")
                    boolean atDamage,
            @Option(names = "--yes", description = "don't ask") boolean yes)
            throws IOException {
        if (atDamage ? group != null || after != null : group == null || after == null) {
            throw new ParameterException(
                    spec().subcommands().get("cut"),
                    "give either --at-damage, or --group and --after");
        }
        try (Directory opened = Directory.leaving(directory)) {
            Cut cut = new Cut(opened, terminal(), into);
            if (group != null && after != null) {
                cut.behind(group, after, yes);
            } else {
                cut.atDamage(yes);
            }
            return DONE;
        }
    }

    @Command(
            description = {
                "Makes the first host of a new cluster out of a backup.",
                "It is the only voter of its group, with terms and indexes above any that the lost cluster gave out."
            })
    int restore(
            @Parameters(paramLabel = "BACKUP") Path backup,
            @Option(
                            names = "--into",
                            paramLabel = "DIRECTORY",
                            required = true,
                            description = "the directory to make")
                    Path into,
            @Option(
                            names = "--cluster",
                            paramLabel = "NAME",
                            required = true,
                            description = "the new cluster's name")
                    ClusterId cluster,
            @Option(
                            names = "--node",
                            paramLabel = "NAME",
                            required = true,
                            description = "the host's name in it")
                    NodeId node,
            @Option(
                            names = "--index-floor",
                            paramLabel = "N",
                            description =
                                    "added to every index; 1000000000000 unless given, 1000000 for a backup without snapshot")
                    @Nullable Long indexFloor,
            @Option(
                            names = "--term-floor",
                            paramLabel = "N",
                            defaultValue = "" + Restore.TERM_FLOOR,
                            description = "added to every term; ${DEFAULT-VALUE} unless given")
                    long termFloor,
            @Option(names = "--yes", description = "don't ask") boolean yes)
            throws IOException {
        checkFloor("restore", indexFloor == null ? 0 : indexFloor);
        checkFloor("restore", termFloor);
        new Restore(terminal(), backup, into).run(cluster, node, indexFloor, termFloor, yes);
        return DONE;
    }

    @Command(
            description = {
                "Goes on with one surviving replica where a majority of the voters is lost for good.",
                "What the others acknowledged without it is lost."
            })
    int recover(
            @Parameters(paramLabel = "DIRECTORY") Path directory,
            @Option(
                            names = "--into",
                            paramLabel = "DIRECTORY",
                            required = true,
                            description = "the directory to make")
                    Path into,
            @Option(
                            names = "--cluster",
                            paramLabel = "NAME",
                            required = true,
                            description = "the new cluster's name")
                    ClusterId cluster,
            @Option(
                            names = "--group",
                            paramLabel = "GROUP",
                            description = "which; all unless given")
                    @Nullable List<GroupId> groups,
            @Option(
                            names = "--term-floor",
                            paramLabel = "N",
                            defaultValue = "" + Restore.TERM_FLOOR,
                            description = "added to the term; ${DEFAULT-VALUE} unless given")
                    long termFloor,
            @Option(names = "--yes", description = "don't ask") boolean yes)
            throws IOException {
        checkFloor("recover", termFloor);
        try (Directory opened = Directory.leaving(directory)) {
            new Recover(opened, terminal(), into)
                    .run(cluster, groups == null ? List.of() : groups, termFloor, yes);
            return DONE;
        }
    }

    private void checkFloor(String command, long floor) {
        if (floor < 0) {
            throw new ParameterException(
                    spec().subcommands().get(command), "a floor can't be negative: " + floor);
        }
    }

    private Terminal terminal() {
        return new Terminal(in, spec().commandLine().getOut());
    }

    private CommandSpec spec() {
        return Objects.requireNonNull(spec);
    }

    private static <T> ITypeConverter<T> name(Function<String, T> of) {
        return text -> {
            try {
                return of.apply(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(String.valueOf(e.getMessage()));
            }
        };
    }
}
