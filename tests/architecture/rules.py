"""The house's arrows as data: who may include whom. architecture_check.py enforces them.

Paths are relative to the project's root; a rule that names a folder ends with a slash.
"""

# A folder and what it may include with quotes besides itself. The longest matching folder decides.
ARROWS = {
    "engine/base/": [],
    "engine/files/": ["engine/base/"],
    "engine/skill/": ["engine/base/", "engine/files/"],
    "engine/net/": ["engine/base/"],
    # Tokens of a sign-in service: believed by a server, fetched by a client.
    "engine/oidc/": ["engine/base/", "engine/net/"],
    "engine/storage/": ["engine/base/", "engine/files/", "engine/net/"],
    "engine/registry/": ["engine/base/", "engine/files/", "engine/skill/", "engine/storage/"],
    # Other servers, over HTTP.
    "engine/remote/": ["engine/base/", "engine/files/", "engine/net/", "engine/oidc/", "engine/skill/",
                       "engine/storage/", "engine/registry/"],
    "engine/sandbox/": ["engine/base/", "engine/files/"],
    # The launcher is a program of its own; what it shares with native is the protocol.
    "engine/sandbox/native/": ["engine/base/", "engine/files/", "engine/sandbox/protocol/",
                               "engine/sandbox/images/", "engine/sandbox/sandbox_policy.h",
                               "engine/sandbox/input_names.h", "engine/sandbox/sandbox_runtime.h"],
    # Container engines, over their API; their init shares the protocol and the launcher's hardening.
    "engine/sandbox/oci/": ["engine/base/", "engine/files/", "engine/net/", "engine/sandbox/"],
    # The manifest of a resolved skill is a value of engine/skill that the registry hands on.
    "engine/execution/": ["engine/base/", "engine/files/", "engine/skill/", "engine/storage/",
                          "engine/registry/", "engine/sandbox/", "engine/workspace/"],
    # What runs are given and leave: file objects, the files of a session.
    "engine/workspace/": ["engine/base/", "engine/files/", "engine/storage/"],
    # A whole store as a file.
    "engine/backup/": ["engine/base/", "engine/files/", "engine/storage/"],
    "engine/access/": ["engine/base/", "engine/oidc/", "engine/storage/"],
    "engine/": ["engine/"],
    "server/": ["engine/"],
    "server/http/": ["engine/base/"],
    # Of the API only how JSON is read and written; the API carries it at /mcp.
    "server/mcp/": ["engine/", "server/http/", "server/api/json/"],
    "app/": ["engine/"],
    "app/desktop/": ["engine/", "server/local_server.h", "app/preview/protocol.h"],
    # It decodes files that are not trusted and knows nothing else.
    "app/preview/": [],
    # It hands secrets to the key ring and knows nothing else.
    "app/keychain/": [],
    "tests/": ["engine/", "server/", "app/"],
}

# The launcher is plain C++: no Qt, and of the project only its own folder and the protocol that it
# shares with the engine, which for that reason is plain C++ too.
PLAIN_CPP = {
    "engine/sandbox/launcher/": ["engine/sandbox/launcher/", "engine/sandbox/protocol/"],
    "engine/sandbox/protocol/": ["engine/sandbox/protocol/"],
    "engine/sandbox/oci/init/": ["engine/sandbox/oci/init/", "engine/sandbox/launcher/",
                                 "engine/sandbox/protocol/"],
}

# What is never linked with the rest, so that its types may have names that others have: the launcher,
# and each test.
PROGRAMS_OF_THEIR_OWN = ["engine/sandbox/launcher/", "engine/sandbox/oci/init/", "tests/"]

# Qt modules that the engine may use, and where. No other module's headers may be named there.
ENGINE_QT_MODULES = {
    "QtCore": ["engine/"],
    "QtSql": ["engine/storage/"],
}
# Only this folder of the server may know QtHttpServer.
QT_MODULE_CONFINED = {
    "QtHttpServer": ["server/http/"],
}

# Foreign libraries stay with the adapter that wraps them: header pattern, where it may be named.
FOREIGN_HEADERS = [
    (r"archive(_entry)?\.h", ["engine/skill/", "engine/sandbox/images/",
                               "engine/sandbox/oci/upload_archive.cpp",
                               "engine/workspace/artifact_archive.cpp",
                               "engine/backup/tar_archive.cpp"]),
    # The second place is a program of the build that turns openapi.yaml into JSON.
    (r"yaml-cpp/.*", ["engine/skill/", "server/api/openapi_compiler.cpp"]),
    (r"openssl/.*", ["engine/base/", "engine/access/", "engine/oidc/", "server/http/",
                      "tests/support/token_signer.h"]),
    (r"rapidjson/.*", ["engine/base/", "engine/execution/", "engine/oidc/", "app/cli/json_writer.cpp", "server/api/"]),
    (r"valijson/.*", ["tests/"]),
    (r"re2/.*", ["engine/skill/", "engine/execution/schema_document.h"]),
    (r"curl/.*", ["engine/net/", "engine/remote/", "engine/storage/s3_client.cpp"]),
    (r"zlib\.h", ["server/http/", "engine/skill/"]),
    (r"prometheus/.*", ["server/observability/"]),
    (r"seccomp\.h", ["engine/sandbox/launcher/"]),
    (r"CLI/.*", ["app/cli/"]),
    (r"poppler.*\.h", ["app/preview/"]),
    (r"qt6keychain/.*", ["app/keychain/"]),
    (r"sqlite3\.h", ["engine/storage/sqlite_dialect.cpp"]),
]

# Concrete adapters: the header, and the folder that owns it. Besides that folder, the tests and
# the benchmarks only engine/make_engine.cpp may name one.
CONCRETE_ADAPTERS = {
    "engine/storage/sqlite_store.h": "engine/storage/",
    "engine/storage/directory_blob_store.h": "engine/storage/",
    "engine/storage/postgres_store.h": "engine/storage/",
    "engine/storage/s3_blob_store.h": "engine/storage/",
    "engine/sandbox/native/native_runtime.h": "engine/sandbox/native/",
    "engine/sandbox/oci/oci_runtime.h": "engine/sandbox/oci/",
}
COMPOSITION_FILE = "engine/make_engine.cpp"

# base has values and pure functions only: no QObject, no files, no processes, no streams.
BASE_FORBIDDEN_HEADERS = [
    "QObject", "QFile", "QFileInfo", "QDir", "QDirIterator", "QIODevice", "QProcess", "QSaveFile",
    "QTemporaryFile", "QTemporaryDir", "QSocketNotifier", "QThread", "QTimer", "QSettings",
    "QStandardPaths", "fstream", "iostream", "filesystem", "fcntl.h", "sys/socket.h",
]

# Words that belong to one place: pattern over code without comments and strings, why, where.
CONFINED_WORDS = [
    (r"\b(qgetenv|qputenv|qunsetenv|qEnvironmentVariable\w*|systemEnvironment|getenv|secure_getenv"
     r"|setenv|unsetenv)\s*\(",
     "the environment is read at a composition root only",
     ["engine/engine_config.cpp", "app/cli/main.cpp", "app/desktop/main.cpp", "server/main.cpp",
      "engine/sandbox/oci/init/main.cpp", "tests/"]),
    (r"\bQSettings\b", "settings are read and written in app/desktop/settings only",
     ["app/desktop/settings/", "tests/"]),
    (r"\bQ_OBJECT\b|\bQ_GADGET\b", "base and skill hold plain values",
     ["engine/storage/", "engine/registry/", "engine/sandbox/native/", "engine/execution/",
      "server/", "app/", "tests/"]),
]

# Made by the build (moc, the seccomp compiler), so not below any folder of ours.
GENERATED_SUFFIXES = (".moc", ".inc")
