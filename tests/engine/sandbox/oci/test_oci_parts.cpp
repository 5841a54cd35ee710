// What a container engine is asked for, to the letter, and what becomes of answers that it should
// not give: the engine is another process, and its containers run what nobody trusts.

#include "engine/engine_config.h"
#include "engine/execution/run_policy.h"
#include "engine/files/output_tree.h"
#include "engine/sandbox/oci/container_spec.h"
#include "engine/sandbox/oci/container_stream.h"
#include "engine/sandbox/oci/engine_client.h"
#include "engine/sandbox/oci/oci_runtime.h"
#include "engine/sandbox/oci/output_writer.h"
#include "engine/sandbox/oci/runtime_choice.h"
#include "tests/support/verify_result.h"

#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QTemporaryDir>
#include <QTest>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>

using namespace skillbox;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using protocol::FrameKind;

namespace {

/// Gives every connection the same bytes, once its request has begun to come, and closes it.
class CannedEngine
{
public:
    explicit CannedEngine(QHash<QByteArray, QByteArray> answers) : m_answers(std::move(answers))
    {
        m_listener.reset(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const QByteArray path = m_folder.filePath(u"s"_s).toUtf8();
        std::memcpy(address.sun_path, path.constData(), size_t(path.size()));
        if (bind(m_listener.get(), reinterpret_cast<sockaddr *>(&address), sizeof address) != 0
            || listen(m_listener.get(), 16) != 0)
            qFatal("cannot listen on %s", path.constData());
        m_server = std::thread([this] { serve(); });
    }
    ~CannedEngine()
    {
        shutdown(m_listener.get(), SHUT_RDWR);
        m_server.join();
    }
    QString address() const { return u"unix://"_s + m_folder.filePath(u"s"_s); }

private:
    void serve()
    {
        for (;;) {
            const UniqueFd client(accept4(m_listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
            if (!client)
                return;
            QByteArray request;
            char buffer[4096];
            while (!request.contains("\r\n\r\n")) {
                const ssize_t got = read(client.get(), buffer, sizeof buffer);
                if (got <= 0)
                    break;
                request.append(buffer, got);
            }
            const QByteArray target = request.split(' ').value(1);
            QByteArray answer = request.startsWith("DELETE")
                ? "HTTP/1.1 204 No Content\r\n\r\n"
                : "HTTP/1.1 500 no\r\nContent-Length: 0\r\n\r\n";
            qsizetype best = 0; // the longest key that fits
            for (auto it = m_answers.cbegin(); it != m_answers.cend(); ++it) {
                if (target.contains(it.key()) && it.key().size() > best) {
                    best = it.key().size();
                    answer = it.value();
                }
            }
            for (qsizetype at = 0; at < answer.size();) {
                const ssize_t sent = send(client.get(), answer.constData() + at,
                                          size_t(answer.size() - at), MSG_NOSIGNAL);
                if (sent <= 0)
                    break;
                at += sent;
            }
            // What is unread when a socket is closed resets it, and takes the answer along. Other
            // calls wait meanwhile, so only for what is under way.
            shutdown(client.get(), SHUT_WR);
            const timeval patience{0, 50000};
            setsockopt(client.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
            while (read(client.get(), buffer, sizeof buffer) > 0) { }
        }
    }

    QTemporaryDir m_folder{u"/tmp/skillbox-canned-XXXXXX"_s};
    const QHash<QByteArray, QByteArray> m_answers;
    UniqueFd m_listener;
    std::thread m_server;
};

QByteArray http(const QByteArray &status, const QByteArray &body)
{
    return "HTTP/1.1 " + status + "\r\nContent-Length: " + QByteArray::number(body.size())
        + "\r\nConnection: close\r\n\r\n" + body;
}

const QByteArray goodVersion = http(
    "200 OK", R"({"Version":"20.10","ApiVersion":"1.41","MinAPIVersion":"1.12"})");
const QByteArray goodImage = http("200 OK",
                                  R"({"Id":"sha256:)" + QByteArray(64, 'a') + R"(","Config":{}})");
const QByteArray goodCreate = http("201 Created", R"({"Id":")" + QByteArray(64, 'b') + R"("})");

class Nothing final : public OutputSink
{
public:
    void write(LogStreamKind, QByteArrayView) override { }
};

QByteArray piece(int stream, const QByteArray &bytes)
{
    QByteArray head(8, '\0');
    head[0] = char(stream);
    qToBigEndian(quint32(bytes.size()), head.data() + 4);
    return head + bytes;
}

QByteArray frame(FrameKind kind, const QByteArray &payload)
{
    QByteArray head(5, '\0');
    head[0] = char(kind);
    qToLittleEndian(quint32(payload.size()), head.data() + 1);
    return head + payload;
}

} // namespace

class TestOciParts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void asksForExactlyThis_data();
    void asksForExactlyThis();
    void profileIsAnAllowList();
    void readsAddresses_data();
    void readsAddresses();
    void readsSettings();
    void takesApartWhatComesInAnyPieces();
    void refusesStreamsThatAreNone_data();
    void refusesStreamsThatAreNone();
    void refusesFilesThatCannotBe_data();
    void refusesFilesThatCannotBe();
    void saysWhatIsWrongWithTheEngine_data();
    void saysWhatIsWrongWithTheEngine();
    void takesImagesThatWereNotImported();
    void choosesTheRuntimeByTheImage_data();
    void choosesTheRuntimeByTheImage();
};

void TestOciParts::asksForExactlyThis_data()
{
    QTest::addColumn<QString>("golden");
    QTest::addColumn<int>("engine");
    QTest::addColumn<bool>("session");
    QTest::addColumn<QString>("runtime");
    QTest::newRow("docker") << u"create_docker.json"_s << int(EngineKind::Docker) << false
                            << QString();
    QTest::newRow("docker with a session and gVisor")
        << u"create_docker_session.json"_s << int(EngineKind::Docker) << true << u"runsc"_s;
    QTest::newRow("podman") << u"create_podman.json"_s << int(EngineKind::Podman) << true
                            << QString();
}

void TestOciParts::asksForExactlyThis()
{
    QFETCH(QString, golden);
    QFETCH(int, engine);
    QFETCH(bool, session);
    QFETCH(QString, runtime);
    SandboxLimits limits;
    limits.memoryBytes = 128 << 20;
    limits.milliCpu = 1500;
    limits.processes = 64;
    QByteArray body = QJsonDocument(containerSpec({.image = u"sha256:"_s + QString(64, u'a'),
                                                   .execution = {u"an-execution"_s},
                                                   .owner = {u"a-home"_s, {u"an-instance"_s}},
                                                   .limits = limits,
                                                   .hasSession = session,
                                                   .runtime = runtime,
                                                   .engine = EngineKind(engine)}))
                          .toJson();
    // The profile has a test of its own.
    QByteArray profile = QJsonDocument(QJsonArray{QString::fromLatin1(seccompProfile())})
                             .toJson(QJsonDocument::Compact);
    body.replace(profile.mid(2, profile.size() - 4), "PROFILE");
    QFile file(QStringLiteral(SKILLBOX_GOLDEN "/") + golden);
    const QByteArray expected = file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    if (body != expected) {
        QFile now(QDir::temp().filePath(golden));
        QVERIFY(now.open(QIODevice::WriteOnly) && now.write(body) == body.size());
        QFAIL(
            qPrintable(u"it is not what %1 says, but what is in %2"_s.arg(golden, now.fileName())));
    }
}

void TestOciParts::profileIsAnAllowList()
{
    const QJsonObject profile = QJsonDocument::fromJson(seccompProfile()).object();
    QCOMPARE(profile.value("defaultAction"_L1).toString(), u"SCMP_ACT_ERRNO"_s);
    QSet<QString> allowed;
    for (const QJsonValue &value : profile.value("syscalls"_L1).toArray()) {
        const QJsonObject rule = value.toObject();
        const QString name = rule.value("names"_L1).toArray().first().toString();
        if (rule.value("action"_L1).toString() == "SCMP_ACT_ALLOW"_L1)
            allowed.insert(name);
        else
            QCOMPARE(rule.value("action"_L1).toString(), u"SCMP_ACT_ERRNO"_s);
        if (name == "clone"_L1 || name == "socket"_L1 || name == "ioctl"_L1)
            QVERIFY2(!rule.value("args"_L1).toArray().isEmpty(), qPrintable(name));
    }
    for (const QString &needed : {u"execve"_s, u"read"_s, u"clone"_s, u"seccomp"_s, u"futex"_s})
        QVERIFY2(allowed.contains(needed), qPrintable(needed));
    for (const QString &dangerous :
         {u"mount"_s, u"bpf"_s, u"ptrace"_s, u"keyctl"_s, u"unshare"_s, u"setns"_s, u"clone3"_s,
          u"io_uring_setup"_s, u"userfaultfd"_s})
        QVERIFY2(!allowed.contains(dangerous), qPrintable(dangerous));
}

void TestOciParts::readsAddresses_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("socket");
    QTest::addColumn<QByteArray>("url");
    QTest::newRow("socket") << u"unix:///run/docker.sock"_s << u"/run/docker.sock"_s
                            << "http://localhost"_ba;
    QTest::newRow("port") << u"tcp://127.0.0.1:2375"_s << QString() << "http://127.0.0.1:2375"_ba;
    QTest::newRow("IPv6") << u"tcp://[::1]:2375/"_s << QString() << "http://[::1]:2375"_ba;
    QTest::newRow("name") << u"tcp://engine-proxy:1"_s << QString() << "http://engine-proxy:1"_ba;
    for (const QString &bad :
         {u""_s, u"/run/docker.sock"_s, u"unix://run/docker.sock"_s, u"unix:///"_s,
          u"tcp://127.0.0.1"_s, u"tcp://127.0.0.1:0"_s, u"tcp://127.0.0.1:99999"_s,
          u"http://127.0.0.1:2375"_s, u"tcp://user@host:1"_s, u"tcp://host:1/path"_s,
          u"tcp://host:1?x"_s, u"tcp://host\n:1"_s, u"ssh://host"_s,
          u"unix:///"_s + QString(108, u'a')})
        QTest::newRow(qPrintable(u"bad: "_s + bad.left(40).simplified()))
            << bad << QString() << QByteArray();
}

void TestOciParts::readsAddresses()
{
    QFETCH(QString, text);
    QFETCH(QString, socket);
    QFETCH(QByteArray, url);
    const auto address = parseOciAddress(text);
    QCOMPARE(address.has_value(), !url.isEmpty());
    if (!address) {
        QCOMPARE(address.error().code, ErrorCode::BadRequest);
        return;
    }
    QCOMPARE(address->unixSocket, socket);
    QCOMPARE(address->baseUrl, url);
}

void TestOciParts::readsSettings()
{
    QTemporaryDir folder;
    QProcessEnvironment environment;
    environment.insert(u"SKILLBOX_DATA_DIR"_s, folder.path());
    auto config = loadEngineConfig(environment, u"/nonexistent"_s);
    VERIFY_OK(config);
    QVERIFY(!config->oci.isUsed());
    environment.insert(u"SKILLBOX_OCI_HOST"_s, u"unix:///run/docker.sock"_s);
    environment.insert(u"SKILLBOX_OCI_RUNTIME"_s, u"runsc"_s);
    environment.insert(u"SKILLBOX_OCI_PULL"_s, u"missing"_s);
    config = loadEngineConfig(environment, u"/nonexistent"_s);
    VERIFY_OK(config);
    QVERIFY(config->oci.isUsed());
    QCOMPARE(config->oci.runtime, u"runsc"_s);
    QVERIFY(config->oci.pull == PullPolicy::Missing);
    environment.insert(u"SKILLBOX_RUNTIME"_s, u"native"_s);
    config = loadEngineConfig(environment, u"/nonexistent"_s);
    VERIFY_OK(config);
    QVERIFY(!config->oci.isUsed());

    environment.insert(u"SKILLBOX_OCI_HOST"_s, u"tcp://nowhere"_s);
    environment.insert(u"SKILLBOX_OCI_RUNTIME"_s, u"run sc;"_s);
    environment.insert(u"SKILLBOX_OCI_PULL"_s, u"always"_s);
    environment.insert(u"SKILLBOX_RUNTIME"_s, u"magic"_s);
    config = loadEngineConfig(environment, u"/nonexistent"_s);
    QVERIFY(!config);
    for (const QString &name : {u"SKILLBOX_OCI_HOST: "_s, u"SKILLBOX_OCI_RUNTIME: "_s,
                                u"SKILLBOX_OCI_PULL: "_s, u"SKILLBOX_RUNTIME: "_s})
        QVERIFY2(config.error().message.contains(name), qPrintable(config.error().message));
    environment.remove(u"SKILLBOX_OCI_HOST"_s);
    environment.insert(u"SKILLBOX_RUNTIME"_s, u"docker"_s);
    config = loadEngineConfig(environment, u"/nonexistent"_s);
    QVERIFY(!config && config.error().message.contains(u"needs SKILLBOX_OCI_HOST"_s));
}

void TestOciParts::takesApartWhatComesInAnyPieces()
{
    const QByteArray frames = frame(FrameKind::Stdout, "hello") + frame(FrameKind::Stderr, "")
        + frame(FrameKind::Content, QByteArray(300'000, 'x')) + frame(FrameKind::Complete, "");
    QByteArray bytes;
    for (qsizetype at = 0; at < frames.size(); at += 1013)
        bytes += piece(1, frames.mid(at, 1013)) + (at % 3 ? piece(2, "oops ") : QByteArray());
    for (const qsizetype step : {qsizetype(1), qsizetype(7), qsizetype(4096), bytes.size()}) {
        QByteArray seen;
        ContainerStream stream([&seen](FrameKind kind, std::string_view payload) -> Result<void> {
            seen += char(kind) + QByteArray::number(qsizetype(payload.size())) + ' ';
            return {};
        });
        for (qsizetype at = 0; at < bytes.size(); at += step)
            VERIFY_OK(stream.take(QByteArrayView(bytes).sliced(at, qMin(step, bytes.size() - at))));
        QCOMPARE(seen, "o5 e0 c300000 z0 ");
        QVERIFY(!stream.isCut());
        QVERIFY(stream.complaints().startsWith("oops oops"));
        QVERIFY(stream.complaints().size() <= 4096);
    }
}

void TestOciParts::refusesStreamsThatAreNone_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("text") << "HTTP/1.1 200 OK or so"_ba;
    QTest::newRow("a third stream") << piece(3, "x");
    QTest::newRow("reserved bytes") << "\1\1\0\0\0\0\0\1x"_ba.append(QByteArray(8, '\1'));
    QByteArray huge(5, '\0');
    huge[0] = 'o';
    qToLittleEndian(quint32(0xffffffff), huge.data() + 1);
    QTest::newRow("a frame of 4 GiB") << piece(1, huge);
}

void TestOciParts::refusesStreamsThatAreNone()
{
    QFETCH(QByteArray, bytes);
    ContainerStream stream([](FrameKind, std::string_view) { return Result<void>(); });
    const auto taken = stream.take(bytes);
    QVERIFY(!taken);
    QCOMPARE(taken.error().code, ErrorCode::SandboxUnavailable);
}

void TestOciParts::refusesFilesThatCannotBe_data()
{
    using Steps = std::function<Result<void>(OutputWriter &)>;
    QTest::addColumn<Steps>("steps");
    const auto row = [](const char *name, const Steps &steps) { QTest::newRow(name) << steps; };
    for (const QByteArray &path :
         {""_ba, "."_ba, ".."_ba, "/etc/passwd"_ba, "a//b"_ba, "../x"_ba, "a/../../x"_ba,
          "missing/x"_ba, "link/x"_ba, "file/x"_ba, "file"_ba, QByteArray("nul\0x", 5),
          QByteArray(256, 'n'), QByteArray(5000, 'n')}) {
        row(("file " + path.left(20)).constData(),
            [path](OutputWriter &writer) { return writer.beginFile(path, false, 1); });
        row(("folder " + path.left(20)).constData(),
            [path](OutputWriter &writer) { return writer.addFolder(path); });
        row(("other " + path.left(20)).constData(), [path](OutputWriter &writer) {
            return writer.addOther(protocol::OtherKind::Pipe, path);
        });
    }
    row("content before a file", [](OutputWriter &writer) { return writer.write(0, "x"); });
    row("content past the end", [](OutputWriter &writer) {
        return writer.beginFile("new", false, 4).and_then([&] { return writer.write(2, "xyz"); });
    });
    row("content at an offset without end", [](OutputWriter &writer) {
        return writer.beginFile("new", false, 4).and_then([&] {
            return writer.write(~quint64(0), "x");
        });
    });
    row("more content than there may be", [](OutputWriter &writer) {
        return writer.beginFile("new", false, 5000).and_then([&] {
            return writer.write(0, std::string(2000, 'x'));
        });
    });
    row("more entries than there may be", [](OutputWriter &writer) {
        Result<void> made;
        for (int i = 0; i < 100 && made; ++i)
            made = writer.addFolder(QByteArray::number(i));
        return made;
    });
    row("a kind that is none", [](OutputWriter &writer) {
        return writer.addOther(static_cast<protocol::OtherKind>(77), "new");
    });
    row("a tree that is none",
        [](OutputWriter &writer) { return writer.beginTree(static_cast<protocol::TreeKind>(2)); });
    row("a tree twice",
        [](OutputWriter &writer) { return writer.beginTree(protocol::TreeKind::Out); });
}

void TestOciParts::refusesFilesThatCannotBe()
{
    using Steps = std::function<Result<void>(OutputWriter &)>;
    QFETCH(Steps, steps);
    QTemporaryDir folder;
    auto writer = OutputWriter::create(folder.path(), {.bytes = 1000, .entries = 50});
    VERIFY_OK(writer);
    VERIFY_OK((*writer)->beginTree(protocol::TreeKind::Out));
    VERIFY_OK((*writer)->addOther(protocol::OtherKind::Symlink, "link"));
    VERIFY_OK((*writer)->beginFile("file", false, 0));
    VERIFY_OK((*writer)->addFolder("a"));
    const auto done = steps(**writer);
    QVERIFY(!done);
    QCOMPARE(done.error().code, ErrorCode::SandboxUnavailable);
    // All that is there is below the scratch folder, which goes with the writer.
    writer->reset();
    QCOMPARE(QDir(folder.path()).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot),
             QStringList());
}

void TestOciParts::saysWhatIsWrongWithTheEngine_data()
{
    using Answers = QHash<QByteArray, QByteArray>;
    QTest::addColumn<Answers>("answers");
    QTest::addColumn<QString>("mention");
    // Asked for an image that it does not have, it is asked to pull it.
    const auto pulling = [](const QByteArray &answer) {
        return Answers{{"/version", goodVersion},
                       {"/images/", http("404 no", "{}")},
                       {"/images/create", answer}};
    };
    QTest::newRow("a pull that fails")
        << pulling(http("200 OK", "{\"status\":\"Pulling\"}\n{\"error\":\"no such host\"}\n"))
        << u"could not be pulled: no such host"_s;
    QTest::newRow("a pull that is refused")
        << pulling(http("403 Forbidden", "no")) << u"could not be pulled: status 403, no"_s;
    QTest::newRow("a pull that tells without an end")
        << pulling(http("200 OK", QByteArray(2 << 20, 'x'))) << u"a line without an end"_s;
    QTest::newRow("a pull that brings nothing")
        << pulling(http("200 OK", "{\"status\":\"Done\"}\n")) << u"pull or load it there"_s;
    const auto row = [](const char *name, const Answers &answers, const QString &mention) {
        QTest::newRow(name) << answers << mention;
    };
    row("no engine", {{"/", "SSH-2.0-OpenSSH\r\n"}}, u"is no container engine"_s);
    row("nothing", {{"/", ""}}, u"closed the connection"_s);
    row("not JSON", {{"/version", http("200 OK", "<html>")}}, u"does not say which API"_s);
    row("too old", {{"/version", http("200 OK", R"({"ApiVersion":"1.24"})")}},
        u"API 1.24, and 1.41"_s);
    row("a refusal", {{"/version", http("403 Forbidden", "no")}}, u"status 403, no"_s);
    row("cut", {{"/version", "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"ApiVer"}},
        u"before its answer was complete"_s);
    row("huge", {{"/version", http("200 OK", QByteArray(9 << 20, 'x'))}}, u"over 8 MiB"_s);
    row("a head without an end",
        {{"/version", "HTTP/1.1 200 OK\r\n" + QByteArray("X: y\r\n").repeated(60'000)}},
        u"head without an end"_s);
    row("an image without an id",
        {{"/version", goodVersion}, {"/images/", http("200 OK", R"({"Id":"../../x"})")}},
        u"describes it without an id"_s);
    row("an image with a volume",
        {{"/version", goodVersion},
         {"/images/",
          http("200 OK",
               R"({"Id":"sha256:)" + QByteArray(64, 'a')
                   + R"(","Config":{"Volumes":{"/data":{}}}})")}},
        u"declares a volume (/data)"_s);
    row("an image for another machine",
        {{"/version", goodVersion},
         {"/images/",
          http("200 OK",
               R"({"Id":"sha256:)" + QByteArray(64, 'a') + R"(","Architecture":"s390x"})")}},
        u"it is for s390x"_s);
    row("a container without an id",
        {{"/version", goodVersion},
         {"/images/", goodImage},
         {"/create", http("201 Created", R"({"Id":"abc/../../x"})")}},
        u"without an id"_s);
    row("a refusal to make one",
        {{"/version", goodVersion},
         {"/images/", goodImage},
         {"/create", http("400 Bad", "{\"message\":\"unknown runtime\\u0000 runsc\"}")}},
        u"could not make a container: status 400, unknown runtime"_s);
    row("a refusal of the files",
        {{"/version", goodVersion},
         {"/images/", goodImage},
         {"/create", goodCreate},
         {"/archive", http("500 no", R"({"message":"disk full"})")}},
        u"could not take the files of the run: status 500, disk full"_s);
    row("a refusal to start",
        {{"/version", goodVersion},
         {"/images/", goodImage},
         {"/create", goodCreate},
         {"/archive", http("200 OK", "")},
         {"/attach", "HTTP/1.1 200 OK\r\n\r\n"},
         {"/start", http("500 no", R"({"message":"OCI runtime create failed"})")}},
        u"could not start the container: status 500, OCI runtime"_s);
    const QHash<QByteArray, QByteArray> upToAttach{{"/version", goodVersion},
                                                   {"/images/", goodImage},
                                                   {"/create", goodCreate},
                                                   {"/archive", http("200 OK", "")},
                                                   {"/start", http("204 No Content", "")},
                                                   {QByteArray(64, 'b') + "/json",
                                                    http("200 OK", R"({"State":{"ExitCode":7}})")}};
    const auto attached = [&](const QByteArray &output) {
        QHash<QByteArray, QByteArray> answers = upToAttach;
        answers.insert("/attach", "HTTP/1.1 200 OK\r\n\r\n" + output);
        return answers;
    };
    row("no output", attached({}), u"ended unexpectedly, with code 7"_s);
    row("a complaint only", attached(piece(2, "exec format error\n")),
        u"code 7: exec format error"_s);
    row("output of something else", attached("hello, world, this is no frame"),
        u"something else than"_s);
    row("a message of another version", attached(piece(1, frame(FrameKind::Told, "xx"))),
        u"speaks another version"_s);
    row("a frame of no kind", attached(piece(1, frame(FrameKind('?'), "xx"))),
        u"frame of no kind"_s);
    wire::Writer tree;
    tree.u32(0);
    wire::Writer evil;
    evil.u32(0);
    evil.u64(1);
    evil.text("../../evil");
    row("files outside of its tree",
        attached(piece(1,
                       frame(FrameKind::Tree, QByteArray::fromStdString(tree.bytes()))
                           + frame(FrameKind::File, QByteArray::fromStdString(evil.bytes())))),
        u"sent files that cannot be"_s);
}

void TestOciParts::saysWhatIsWrongWithTheEngine()
{
    using Answers = QHash<QByteArray, QByteArray>;
    QFETCH(Answers, answers);
    QFETCH(QString, mention);
    const CannedEngine engine(answers);
    QTemporaryDir folder;
    QDir(folder.path()).mkdir(u"skill"_s);
    QFile init(folder.filePath(u"init"_s));
    QVERIFY(init.open(QIODevice::WriteOnly));
    const auto runtime = OciRuntime::create(
        {.engine = {.host = engine.address(), .pull = PullPolicy::Missing},
         .initPath = init.fileName(),
         .scratchDirectory = folder.filePath(u"scratch"_s),
         .owner = {u"home"_s, {newUuid()}}});
    SandboxJob job;
    job.image = u"localhost/tools:1"_s;
    job.skillDirectory = folder.filePath(u"skill"_s);
    job.entrypoint = u"main.sh"_s;
    job.inputJson = "{}";
    Nothing nothing;
    const auto outcome = runtime->run(job, nothing, {});
    QVERIFY(!outcome);
    QVERIFY2(outcome.error().code == ErrorCode::SandboxUnavailable
                 || outcome.error().code == ErrorCode::NotFound,
             qPrintable(outcome.error().message));
    QVERIFY2(outcome.error().message.contains(mention), qPrintable(outcome.error().message));
    QCOMPARE(QDir(folder.filePath(u"scratch"_s))
                 .entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot),
             QStringList());
}

void TestOciParts::takesImagesThatWereNotImported()
{
    const QStringList allowed{u"tools:1"_s, u"python:3.12-slim"_s, u"python:3.11-slim"_s};
    const auto choose = [&](const QString &image, ImageSupport support) {
        Manifest manifest;
        manifest.image = image;
        const RunImage chosen = chooseImage(manifest, Language::Python, allowed, nullptr, support);
        return chosen.refusal ? chosen.refusal->reason : u"runs on "_s + chosen.name;
    };
    QCOMPARE(choose(u"tools:1"_s, ImageSupport::Imported), u"image_not_available"_s);
    QCOMPARE(choose(u"tools:1"_s, ImageSupport::NotImported), u"runs on tools:1"_s);
    QCOMPARE(choose(u"other:1"_s, ImageSupport::Every), u"image_not_allowed"_s);
    // A default image stands for this machine's interpreter, unless every run has an image.
    QCOMPARE(choose({}, ImageSupport::NotImported), u"runs on "_s);
    QCOMPARE(choose(u"python:3.11-slim"_s, ImageSupport::NotImported), u"runs on "_s);
    QCOMPARE(choose({}, ImageSupport::Every), u"runs on python:3.12-slim"_s);
    QCOMPARE(choose(u"python:3.11-slim"_s, ImageSupport::Every), u"runs on python:3.11-slim"_s);
}

void TestOciParts::choosesTheRuntimeByTheImage_data()
{
    QTest::addColumn<int>("mode");
    QTest::addColumn<QString>("image");
    QTest::addColumn<QString>("expected");
    QTest::newRow("none named") << int(RuntimeMode::Auto) << QString() << u"native "_s;
    QTest::newRow("another image")
        << int(RuntimeMode::Auto) << u"tools:1"_s << u"containers tools:1"_s;
    QTest::newRow("all in containers")
        << int(RuntimeMode::Oci) << QString() << u"containers bash:5"_s;
}

void TestOciParts::choosesTheRuntimeByTheImage()
{
    QFETCH(int, mode);
    QFETCH(QString, image);
    QFETCH(QString, expected);
    class Told final : public SandboxRuntime
    {
    public:
        Told(QString name, QString &told) : m_name(std::move(name)), m_told(told) { }
        Result<Outcome> run(const SandboxJob &job, OutputSink &, std::stop_token) override
        {
            m_told = m_name + u' ' + job.image;
            return Outcome();
        }
        Result<QList<ControlState>> probe() override { return QList<ControlState>(); }
        QString name() const override { return m_name; }

    private:
        QString m_name;
        QString &m_told;
    };
    QString told;
    RuntimeChoice runtime({.native = std::make_unique<Told>(u"native"_s, told),
                           .containers = std::make_unique<Told>(u"containers"_s, told),
                           .mode = RuntimeMode(mode),
                           .usualImages = {{Language::Bash, u"bash:5"_s}}});
    SandboxJob job;
    job.language = Language::Bash;
    job.image = image;
    Nothing nothing;
    VERIFY_OK(runtime.run(job, nothing, {}));
    QCOMPARE(told, expected);
}

QTEST_GUILESS_MAIN(TestOciParts)
#include "test_oci_parts.moc"
