# Sourced by scripts/weir, scripts/bench and scripts/test: a JDK, Maven, and the build. Needs $root and $me; talks on stderr only.

say() { printf '%s: %s\n' "$me" "$*" >&2; }

# What a JDK's own release file says (no start of Java), else what its compiler says.
jdk_major() {
  local version=
  [ -r "$1/release" ] && version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release")
  [ -n "$version" ] || version=$("$1/bin/javac" -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p')
  printf '%s' "${version:-0}"
}

jdk_found() {
  [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] && [ "$(jdk_major "$1")" -ge 17 ] || return 1
  export JAVA_HOME=$1
}

find_jdk() {
  [ -n "${JAVA_HOME:-}" ] && jdk_found "$JAVA_HOME" && return
  local javac candidate
  javac=$(command -v javac) && javac=$(readlink -f "$javac") && jdk_found "${javac%/bin/javac}" && return
  for candidate in /usr/lib/jvm/*17* /usr/lib/jvm/* /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    jdk_found "$candidate" && return
  done
  return 1
}

# Sets mvn. Maven is asked with the JDK that find_jdk chose.
find_maven() {
  local candidate version
  for candidate in "${MAVEN_HOME:+$MAVEN_HOME/bin/mvn}" "$(command -v mvn)" /usr/share/maven/bin/mvn; do
    [ -n "$candidate" ] && [ -x "$candidate" ] || continue
    version=$("$candidate" -B -v 2>/dev/null </dev/null | sed -n 's/.*Apache Maven \([0-9]*\)\.\([0-9]*\).*/\1 \2/p')
    set -- ${version:-0 0}
    if [ "$1" -gt 3 ] || { [ "$1" -eq 3 ] && [ "$2" -ge 8 ]; }; then
      mvn=$candidate
      return
    fi
  done
  return 1
}

# As root, or with a sudo that asks nothing.
may_install() {
  command -v apt-get >/dev/null || return 1
  if [ "$(id -u)" = 0 ]; then as_root=env; else as_root='sudo -n env'; $as_root true 2>/dev/null || return 1; fi
}

chromium_found() { [ -x /usr/bin/chromium ] || [ -x /usr/bin/chromium-browser ]; }

# A browser if there is one or one may be installed; none is no reason to stop.
find_chromium() { chromium_found || (install browser chromium) || chromium_found; }

# One of Debian's packages, or exit 2 with what to do.
install() { # what it is, package
  if may_install; then
    say "no $1 found; installing Debian's package $2"
    mkdir -p "$root/.weir/build"
    local log=$root/.weir/build/install.log
    { $as_root apt-get update && $as_root DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$2"; } \
      >"$log" 2>&1 </dev/null && return
    tail -n 15 "$log" >&2
    say "installing $2 failed (all of it: $log)"
  fi
  say "$1 is needed; install it (on Debian and its kin: apt-get install $2) and start again"
  exit 2
}

# Alertmanager for the tests that speak to one: Debian's package, unpacked beside the build and not installed, since that would
# start it for good. Where it cannot be had those tests are skipped.
want_alertmanager() {
  local place=$root/.weir/build/alertmanager log=$root/.weir/build/alertmanager.log
  command -v prometheus-alertmanager >/dev/null || [ -x "$place/usr/bin/prometheus-alertmanager" ] && return
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || return
  mkdir -p "$place" && (
    cd "$place" || exit
    apt-get download prometheus-alertmanager || { may_install && $as_root apt-get update && apt-get download prometheus-alertmanager; }
    dpkg-deb -x prometheus-alertmanager_*.deb .
  ) >"$log" 2>&1 </dev/null || say "no Alertmanager for its tests ($log)"
}

need_jdk() {
  find_jdk || { install 'JDK 17 or newer' openjdk-17-jdk-headless; find_jdk; } || {
    say 'a JDK 17 or newer is needed, with javac; set JAVA_HOME to one'
    exit 2
  }
}

need_maven() {
  find_maven || { install 'Maven 3.8 or newer' maven; find_maven; } || {
    say 'Maven 3.8 or newer is needed; put its mvn on the PATH'
    exit 2
  }
}

# Everything that the built jars depend on. Folders count too: their time tells of files that went away.
sources() {
  printf '%s\n' "$root"/pom.xml "$root"/.mvn "$root"/*/pom.xml "$root"/*/src/main
}

# Whether the jars are there and younger than every source.
built() {
  [ -e "$root/.weir/build/stamp" ] && [ -e "$root/jobs/target/weir-jobs.jar" ] && [ -d "$root/deploy/target/lib" ] || return 1
  local IFS=$'\n'
  [ -z "$(find $(sources) -newer "$root/.weir/build/stamp" -print -quit)" ]
}

# Around a build: the stamp is as old as the build's start, so that a source saved meanwhile is built the next time.
build_starts() {
  mkdir -p "$root/.weir/build" && touch "$root/.weir/build/starting" || {
    say "cannot write to $root/.weir, where the build is kept"
    exit 2
  }
  # Another version of a library would come to stand beside the old one.
  if [ -n "$(find "$root"/pom.xml "$root"/*/pom.xml -newer "$root/deploy/target/lib" -print -quit 2>/dev/null)" ]; then
    rm -rf "$root/deploy/target/lib"
  fi
}

build_done() { mv "$root/.weir/build/starting" "$root/.weir/build/stamp"; }

build() {
  local start=$SECONDS log=$root/.weir/build/build.log
  build_starts
  need_maven
  say "building$([ -e "$root/.weir/build/stamp" ] || echo ', the first time with downloads of some minutes') ($log)"
  if ! (cd "$root" && "$mvn" -B -ntp -Dmaven.test.skip=true -Denforcer.skip=true package) >"$log" 2>&1 </dev/null; then
    grep -E '^\[ERROR\]|BUILD|cannot|denied' "$log" | head -n 15 >&2
    echo ... >&2
    tail -n 15 "$log" >&2
    say "the build failed after $((SECONDS - start)) s; all of it: $log"
    exit 1
  fi
  build_done
  say "built in $((SECONDS - start)) s"
}

# A JDK, and jars that are younger than every source.
need_build() {
  need_jdk
  if ! built; then
    mkdir -p "$root/.weir/build" 2>/dev/null
    if command -v flock >/dev/null && : 2>/dev/null >>"$root/.weir/build/lock"; then
      ( flock -n 9 || { say 'waiting for another build'; flock 9; }
        built || build 9>&- ) 9>>"$root/.weir/build/lock" || exit
    else
      build
    fi
  fi
}
