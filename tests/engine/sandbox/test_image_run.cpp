// Real runs on real images: this machine's bash, packed by a script.

#include "engine/sandbox/native/native_runtime.h"
#include "tests/engine/sandbox/image_fixture.h"
#include "tests/support/verify_result.h"

#include <thread>

using namespace skillbox;
using namespace skillbox::test;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

const QJsonObject bashImage = json(R"({
    "names": ["tools:1"], "path": "/usr/local/bin:/usr/bin", "compression": "gzip",
    "layers": [
        {"bash": true, "entries": [
            {"path": "./etc/marker-of-the-image", "text": "lower\n"},
            {"path": "./etc/passwd", "text": "image:x:0:0:::\n"},
            {"path": "./opt/lower", "text": "x"},
            {"path": "./dev/evil", "text": "x"}, {"path": "./proc/evil", "text": "x"},
            {"path": "./sys/evil", "text": "x"}, {"path": "./tmp/evil", "text": "x"},
            {"path": "./run/evil", "text": "x"}, {"path": "./sandbox/scripts/main.sh", "text": "exit 9"},
            {"path": "./host", "type": "symlink", "target": "/etc"},
            {"path": "./top-file", "text": "top\n"}]},
        {"entries": [
            {"path": "./etc/marker-of-the-image", "text": "of the image\n"},
            {"path": "./opt/.wh.lower"}]}]
})");

} // namespace

class TestImageRun : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void runsOnEveryForm_data();
    void runsOnEveryForm();
    void seesTheImageAndNothingElse();
    void cannotWriteToTheImage();
    void reportsTheImage();
    void saysWhenTheImageIsMissing();
    void saysWhenTheImageHasNoInterpreter();
    void doesNotTakeAnInterpreterThatTheRunCannotSee();
    void startsThePythonOfAnEnvironmentThroughItsLink();
    void imageStaysWhileARunUsesIt();

private:
    class Log final : public OutputSink
    {
    public:
        void write(LogStreamKind stream, QByteArrayView bytes) override
        {
            if (stream == LogStreamKind::Stdout)
                out.append(bytes);
            all.append(bytes);
            if (onWrite)
                onWrite();
        }
        QByteArray out, all;
        std::function<void()> onWrite;
    };

    Result<Outcome> run(const QByteArray &script, const QString &image = u"tools:1"_s,
                        Language language = Language::Bash);

    std::unique_ptr<ImageFixture> m_images;
    std::unique_ptr<QTemporaryDir> m_skill;
    std::unique_ptr<SandboxRuntime> m_runtime;
    Log m_log;
};

void TestImageRun::init()
{
    m_runtime.reset();
    m_images = std::make_unique<ImageFixture>();
    m_skill = std::make_unique<QTemporaryDir>();
    QFile::setPermissions(m_skill->path(), QFile::Permissions(0x7755));
    m_runtime = NativeRuntime::create(
        {.launcherPath = QStringLiteral(SKILLBOX_LAUNCHER), .images = m_images->store.get()});
}

Result<Outcome> TestImageRun::run(const QByteArray &script, const QString &image, Language language)
{
    QFile file(m_skill->filePath(u"script"_s));
    if (!file.open(QIODevice::WriteOnly | QIODevice::Truncate))
        qFatal("cannot write the script");
    file.write(script);
    file.close();
    SandboxJob job;
    job.language = language;
    job.image = image;
    job.skillDirectory = m_skill->path();
    job.entrypoint = u"script"_s;
    job.inputJson = "{}";
    job.policy.limits.wallClock = 20s;
    m_log.out.clear();
    m_log.all.clear();
    return m_runtime->run(job, m_log, {});
}

void TestImageRun::runsOnEveryForm_data()
{
    QTest::addColumn<QString>("form");
    QTest::addColumn<QByteArray>("marker");
    QTest::newRow("root file system") << u"rootfs"_s << QByteArray("lower\n");
    QTest::newRow("docker-save archive") << u"docker"_s << QByteArray("of the image\n");
    QTest::newRow("OCI layout in a tar") << u"oci-tar"_s << QByteArray("of the image\n");
    QTest::newRow("OCI layout in a folder") << u"oci-dir"_s << QByteArray("of the image\n");
}

void TestImageRun::runsOnEveryForm()
{
    QFETCH(QString, form);
    QFETCH(QByteArray, marker);
    const auto imported = m_images->importMade(form, bashImage, u"tools:1"_s);
    VERIFY_OK(imported);
    const auto outcome = run("cat /etc/marker-of-the-image");
    VERIFY_OK(outcome);
    QVERIFY2(outcome->exitCode == 0, m_log.all.constData());
    QCOMPARE(m_log.out, marker);
}

void TestImageRun::seesTheImageAndNothingElse()
{
    QVERIFY(m_images->importMade(u"docker"_s, bashImage, {}));
    const auto outcome = run(R"(
        echo /*
        for path in /usr/bin/python3 /usr/share /etc/alternatives /etc/hosts /opt/lower; do
            [ -e $path ] && echo "sees $path"
        done
        for path in /dev/evil /proc/evil /sys/evil /tmp/evil /run/evil; do
            [ -e $path ] && echo "sees $path"
        done
        cat /host/passwd /top-file
        echo "$PATH"
        [ -d /proc/self ] && [ -c /dev/null ] && echo "x" > /tmp/mine && echo "has its own"
    )");
    QVERIFY2(outcome && outcome->exitCode == 0, m_log.all.constData());
    QString top = QString::fromUtf8(m_log.out.left(m_log.out.indexOf('\n')));
    for (const QString &library : {u" /lib32"_s, u" /lib64"_s, u" /libx32"_s})
        top.remove(library); // the machine's own: where its loader lies
    QCOMPARE(top, u"/bin /dev /etc /host /lib /opt /proc /sandbox /tmp /top-file /usr"_s);
    QCOMPARE(m_log.out.mid(m_log.out.indexOf('\n') + 1),
             "image:x:0:0:::\ntop\n/usr/local/bin:/usr/bin\nhas its own\n");
}

void TestImageRun::cannotWriteToTheImage()
{
    const auto imported = m_images->importMade(u"docker"_s, bashImage, {});
    const auto outcome = run("echo evil > /etc/marker-of-the-image; echo evil > /usr/new; "
                             "echo evil > /new; : > /top-file; cat /etc/marker-of-the-image");
    QVERIFY2(outcome && outcome->exitCode == 0, m_log.all.constData());
    QCOMPARE(m_log.out, "of the image\n");
    QCOMPARE(m_images->content(imported->record, u"top-file"_s), "top\n");
    QVERIFY(!QFile::exists(m_images->inImage(imported->record, u"usr/new"_s)));
}

void TestImageRun::reportsTheImage()
{
    const auto imported = m_images->importMade(u"oci-tar"_s, bashImage, {});
    const auto outcome = run("true");
    QVERIFY(outcome);
    const QJsonObject image = outcome->report[u"image"_s].toObject();
    QCOMPARE(image[u"name"_s].toString(), u"tools:1"_s);
    QCOMPARE(image[u"digest"_s].toString(), imported->record.digest);
    QCOMPARE(outcome->report[u"interpreter"_s].toString(), u"/usr/bin/bash"_s);
    const auto host = run("true", {});
    QVERIFY(host);
    QVERIFY(!host->report.contains(u"image"_s));
}

void TestImageRun::saysWhenTheImageIsMissing()
{
    const auto outcome = run("true", u"nothing:1"_s);
    QVERIFY(!outcome);
    QCOMPARE(outcome.error().code, ErrorCode::SandboxUnavailable);
    QCOMPARE(outcome.error().message,
             u"image \"nothing:1\" has not been imported: "
             "skillbox image import FILE --name nothing:1"_s);
}

void TestImageRun::saysWhenTheImageHasNoInterpreter()
{
    QVERIFY(m_images->importMade(u"docker"_s, bashImage, {}));
    const auto outcome = run("print()", u"tools:1"_s, Language::Python);
    QVERIFY(!outcome);
    QCOMPARE(
        outcome.error().message,
        u"image \"tools:1\" cannot be used: the image has no python3 and no python in its PATH "
        "(/usr/local/bin:/usr/bin)"_s);
}

void TestImageRun::doesNotTakeAnInterpreterThatTheRunCannotSee()
{
    // The host's own, by a link out; one in a part that the sandbox replaces; one without x.
    const QJsonObject spec = json(R"({"layers": [{"entries": [
        {"path": "usr/bin/bash", "type": "symlink", "target": "/../../../../../../usr/bin/env"},
        {"path": "bin/bash", "type": "symlink", "target": "/tmp/bash"},
        {"path": "tmp/bash", "text": "#!", "mode": 493},
        {"path": "usr/local/bin/bash", "text": "x", "mode": 420}]}]})");
    QVERIFY(m_images->importMade(u"docker"_s, spec, u"tools:1"_s));
    const auto outcome = run("true");
    QVERIFY(!outcome);
    QVERIFY2(outcome.error().message.contains(u"the image has no bash in its PATH"_s),
             qPrintable(outcome.error().message));
}

void TestImageRun::startsThePythonOfAnEnvironmentThroughItsLink()
{
    // bash plays python: what counts is the name that it was started by.
    QJsonObject spec = bashImage;
    spec[u"path"_s] = u"relative:/venv/bin:/usr/bin"_s;
    QJsonArray layers = spec[u"layers"_s].toArray();
    layers.append(json(R"({"entries": [
        {"path": "venv/bin/python3", "type": "symlink", "target": "../../bin/bash"}]})"));
    spec[u"layers"_s] = layers;
    QVERIFY(m_images->importMade(u"docker"_s, spec, {}));
    const auto outcome = run("", u"tools:1"_s, Language::Python);
    VERIFY_OK(outcome);
    QCOMPARE(outcome->report[u"interpreter"_s].toString(), u"/venv/bin/python3"_s);
    QVERIFY2(m_log.all.contains("/venv/bin/python3"), m_log.all.constData()); // -s, -E: unknown
}

void TestImageRun::imageStaysWhileARunUsesIt()
{
    QVERIFY(m_images->importMade(u"docker"_s, bashImage, {}));
    std::optional<Error> whileRunning;
    m_log.onWrite = [&] {
        if (whileRunning)
            return;
        const auto removed = m_images->store->remove(u"tools:1"_s);
        whileRunning = removed ? Error{ErrorCode::Internal, u"was removed"_s} : removed.error();
    };
    const auto outcome = run("echo started; read -t 0.2 < <(:) ; cat /etc/marker-of-the-image");
    m_log.onWrite = {};
    QVERIFY2(outcome && outcome->exitCode == 0, m_log.all.constData());
    QVERIFY(whileRunning);
    QCOMPARE(whileRunning->code, ErrorCode::Busy);
    QVERIFY(m_log.out.contains("of the image"));
    QVERIFY(m_images->store->remove(u"tools:1"_s));
}

QTEST_GUILESS_MAIN(TestImageRun)
#include "test_image_run.moc"
