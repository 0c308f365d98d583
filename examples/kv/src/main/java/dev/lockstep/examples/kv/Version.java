package dev.lockstep.examples.kv;

import picocli.CommandLine.IVersionProvider;

/** Which build this is, out of the jar's manifest. */
final class Version implements IVersionProvider {
    static String text() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "unpackaged" : version;
    }

    @Override
    public String[] getVersion() {
        return new String[] {"lockstep-kv " + text()};
    }
}
