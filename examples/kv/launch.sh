# Sourced by server and demo: finds Java, builds what is missing, and knows the class path.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
java=java
if [ -n "${JAVA_HOME:-}" ]; then
    java=$JAVA_HOME/bin/java
fi

complain() {
    echo "$(basename "$0"): $1" >&2
    exit 1
}

need_java() {
    command -v "$java" >/dev/null 2>&1 || complain "needs a JDK, 17 or later: no '$java' here. Install one, or set JAVA_HOME."
    local version
    version=$("$java" -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java\.specification\.version = //p')
    version=${version#1.}
    [ "${version:-0}" -ge 17 ] 2>/dev/null || complain "needs a JDK, 17 or later: '$java' is ${version:-of an unknown version}. Set JAVA_HOME."
}

need_build_tools() {
    local compiler=${java%java}javac
    command -v "$compiler" >/dev/null 2>&1 || complain "needs a JDK to build, 17 or later: no '$compiler' here, only a Java runtime."
    command -v mvn >/dev/null 2>&1 || complain "needs Maven, 3.8.7 or later, to build: no 'mvn' on the PATH."
}

the_jar() {
    local jar
    for jar in "$here"/target/example-kv-*.jar; do
        case $jar in
            *-sources.jar | *-javadoc.jar | *-tests.jar) ;;
            *) [ -e "$jar" ] && echo "$jar" && return ;;
        esac
    done
}

is_built() {
    [ -n "$(the_jar)" ] && [ -n "$(ls "$here"/target/lib/raft-core-*.jar 2>/dev/null)" ]
}

is_newest() {
    local jar
    jar=$(the_jar)
    [ -z "$(find "$root"/pom.xml "$root"/raft-{core,storage,transport-netty,metrics-micrometer}/{pom.xml,src/main} "$here"/{pom.xml,src/main} -newer "$jar" -type f -print -quit 2>/dev/null)" ]
}

build() {
    need_build_tools
    echo "$(basename "$0"): building, which takes a minute the first time" >&2
    (cd "$root" && mvn -B -q -Dquick -DskipTests -pl examples/kv -am package </dev/null >&2) || complain "the build failed; see above."
    is_built || complain "the build made no $here/target/example-kv-*.jar."
    touch "$(the_jar)" # Maven leaves a jar as old as it is when only what it depends on has changed
}

class_path() {
    echo "$(the_jar):$here/target/lib/*"
}
