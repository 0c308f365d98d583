package dev.lockstep.raft.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A state that is files, on its way through a snapshot. */
class FileSnapshotTest {
    @TempDir Path temporary;

    private Path checkpoint() throws IOException {
        Path directory = Files.createDirectories(temporary.resolve("checkpoint"));
        Files.createDirectories(directory.resolve("tables/old"));
        Random random = new Random(5);
        for (String name : new String[] {"CURRENT", "tables/1.sst", "tables/old/0.sst", "empty"}) {
            byte[] bytes = new byte[name.equals("empty") ? 0 : random.nextInt(200_000)];
            random.nextBytes(bytes);
            Files.write(directory.resolve(name), bytes);
        }
        return directory;
    }

    private static byte[] write(FileSnapshot snapshot) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        snapshot.writeTo(out);
        return bytes.toByteArray();
    }

    private static void restore(byte[] bytes, Path directory) throws IOException {
        FileSnapshot.restore(new DataInputStream(new ByteArrayInputStream(bytes)), directory);
    }

    private static Map<String, String> contents(Path directory) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                contents.put(
                        directory.relativize(file).toString(),
                        Arrays.toString(Files.readAllBytes(file)));
            }
        }
        return contents;
    }

    @Test
    void theSameFilesComeOut() throws IOException {
        Path from = checkpoint();
        Path to = temporary.resolve("a/b/restored");
        restore(write(FileSnapshot.of(from)), to);
        assertThat(contents(to)).hasSize(4).isEqualTo(contents(from));
    }

    @Test
    void onlyADirectoryOfItsOwnIsDeletedAfterwards() throws IOException {
        Path directory = checkpoint();
        FileSnapshot.of(directory).close();
        assertThat(directory).exists();
        FileSnapshot own = FileSnapshot.ofOwn(directory);
        assertThat(write(own)).isNotEmpty();
        own.close();
        own.close();
        assertThat(directory).doesNotExist();
        assertThat(temporary).exists();
    }

    @Test
    void otherFilesAreNotMixedWithThoseOfASnapshot() throws IOException {
        Path from = checkpoint();
        byte[] bytes = write(FileSnapshot.of(from));
        Map<String, String> before = contents(from);
        assertThatThrownBy(() -> restore(bytes, from)).hasMessageContaining("isn't empty");
        assertThat(contents(from)).isEqualTo(before);
    }

    @Test
    void whatIsCutShortOrChangedLeavesNothingBehind() throws IOException {
        byte[] bytes = write(FileSnapshot.of(checkpoint()));
        Path to = temporary.resolve("restored");
        Random random = new Random(1);
        for (int i = 0; i < 50; i++) {
            byte[] cut = Arrays.copyOf(bytes, random.nextInt(bytes.length));
            assertThatThrownBy(() -> restore(cut, to)).isInstanceOf(IOException.class);
            assertThat(to).doesNotExist();
        }
        byte[] changed = bytes.clone();
        changed[bytes.length / 2] ^= 1;
        assertThatThrownBy(() -> restore(changed, to)).hasMessageContaining("isn't what was");
        assertThat(to).doesNotExist();
    }

    /** One file without content. */
    private static byte[] file(String name, long length) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeByte(1);
        out.writeUTF(name);
        out.writeLong(length);
        out.writeInt(0);
        out.writeByte(0);
        return bytes.toByteArray();
    }

    @Test
    void noNameLeadsOutOfTheDirectory() throws IOException {
        for (String name : new String[] {"../evil", "a/../../evil", "/evil", "", "a/.."}) {
            byte[] bytes = file(name, 0);
            Path to = temporary.resolve("inner/restored");
            assertThatThrownBy(() -> restore(bytes, to))
                    .as(name)
                    .hasMessageContaining("would not be below");
            assertThat(temporary.resolve("inner/evil")).doesNotExist();
            assertThat(temporary.resolve("evil")).doesNotExist();
        }
    }

    @Test
    void aNameThatNoFileHasAndALengthBelowNothingAreRefused() throws IOException {
        Path to = Files.createDirectories(temporary.resolve("restored"));
        assertThatThrownBy(() -> restore(file("a\0b", 0), to))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("can have such a name");
        assertThatThrownBy(() -> restore(file("a", -1), to))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("said to have -1 bytes");
        assertThat(to).as("it was there before").isEmptyDirectory();
        restore(file("a", 0), to);
        assertThat(to.resolve("a")).isEmptyFile();
    }

    @Test
    void aLinkIsRefusedSinceItsTargetMayBeAnywhere() throws IOException {
        Path directory = checkpoint();
        Files.createSymbolicLink(directory.resolve("link"), directory.resolve("CURRENT"));
        assertThatThrownBy(() -> write(FileSnapshot.of(directory)))
                .hasMessageContaining("link is no ordinary file");
    }
}
