package dev.lockstep.raft.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a host's directory holds, as docs/disk-format.md lists it. */
enum FileKind {
    IDENTITY("identity"),
    LOCK("lock"),
    PEERS("peers"),
    SEGMENT("wal-[0-9a-f]{16}\\.log"),
    SPARE("wal-[0-9a-f]{16}\\.spare"),
    SNAPSHOT("snap-[0-9a-f]{16}-[0-9a-f]{16}-[0-9a-f]{16}\\.dat"),
    SET_ASIDE("damaged-.*"),
    UNFINISHED(".*\\.tmp");

    private final Pattern name;

    FileKind(String name) {
        this.name = Pattern.compile(name);
    }

    /**
     * @throws AssertionError when there is a new kind of file
     */
    static FileKind of(Path file) {
        String name = String.valueOf(file.getFileName());
        return Stream.of(values())
                .filter(kind -> kind.name.matcher(name).matches())
                .findFirst()
                .orElseThrow(() -> new AssertionError("what does damage of " + file + " mean?"));
    }

    /** In the order of their names. */
    static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }
}
