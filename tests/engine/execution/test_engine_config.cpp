#include "engine/engine_config.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace skillbox;

namespace {

QProcessEnvironment with(const QMap<QString, QString> &variables)
{
    QProcessEnvironment environment;
    environment.insert(u"HOME"_s, u"/home/someone"_s);
    for (auto it = variables.begin(); it != variables.end(); ++it)
        environment.insert(it.key(), it.value());
    return environment;
}

} // namespace

class EngineConfigTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void hasTheContractsDefaults();
    void readsEveryVariable();
    void findsTheDataDirectory_data();
    void findsTheDataDirectory();
    void namesEveryBadValueAtOnce();
    void saysWhatIsWrong_data();
    void saysWhatIsWrong();
    void aLowerMaximumTakesTheDefaultDown();
    void needsAPlaceForTheData();
    void findsTheLauncher();
};

void EngineConfigTest::hasTheContractsDefaults()
{
    const auto config = loadEngineConfig(with({}), u"/opt/skillbox/bin"_s);
    QVERIFY(config);
    const RunLimits &limits = config->limits;
    QCOMPARE(limits.defaultTimeout, std::chrono::milliseconds(120s));
    QCOMPARE(limits.maxTimeout, std::chrono::milliseconds(10min));
    QCOMPARE(limits.defaultMemoryBytes, 256LL << 20);
    QCOMPARE(limits.maxMemoryBytes, 1LL << 30);
    QCOMPARE(limits.defaultMilliCpu, 500);
    QCOMPARE(limits.maxMilliCpu, 4000);
    QCOMPARE(limits.maxLogBytes, 1LL << 20);
    QCOMPARE(limits.maxFilesBytes, 256LL << 20);
    QCOMPARE(limits.maxQueue, 1000);
    QVERIFY(limits.maxConcurrent >= 4 && limits.maxConcurrent % 4 == 0);
    QCOMPARE(limits.imageAllowlist.join(u','),
             u"python:3.12-slim,python:3.11-slim,node:20-slim,node:18-slim,bash:5"_s);
    QCOMPARE(config->archiveLimits.archiveBytes, 50LL << 20);
    QCOMPARE(config->launcherPath, u"/opt/skillbox/bin/skillbox-sandbox"_s);
    QCOMPARE(config->tenantDefaults, TenantSettings());
}

void EngineConfigTest::readsEveryVariable()
{
    const auto config = loadEngineConfig(
        with({{u"SKILLBOX_DATA_DIR"_s, u"/srv/data/"_s},
              {u"SKILLBOX_DEFAULT_TIMEOUT"_s, u"5s"_s},
              {u"SKILLBOX_MAX_TIMEOUT"_s, u"1m30s"_s},
              {u"SKILLBOX_DEFAULT_MEMORY"_s, u"64Mi"_s},
              {u"SKILLBOX_MAX_MEMORY"_s, u"128Mi"_s},
              {u"SKILLBOX_DEFAULT_CPU"_s, u"0.25"_s},
              {u"SKILLBOX_MAX_CPU"_s, u"1"_s},
              {u"SKILLBOX_MAX_OUTPUT_SIZE"_s, u"2Mi"_s},
              {u"SKILLBOX_MAX_SKILL_SIZE"_s, u"1Gi"_s},
              {u"SKILLBOX_MAX_FILES_SIZE"_s, u"1000"_s},
              {u"SKILLBOX_MAX_CONCURRENT_EXECS"_s, u"3"_s},
              {u"SKILLBOX_MAX_QUEUE"_s, u"0"_s},
              {u"SKILLBOX_QUOTA_CONCURRENT"_s, u"5"_s},
              {u"SKILLBOX_QUOTA_RUNS_PER_MINUTE"_s, u"60"_s},
              {u"SKILLBOX_QUOTA_STORAGE"_s, u"10Gi"_s},
              {u"SKILLBOX_RETENTION_LOGS"_s, u"30d"_s},
              {u"SKILLBOX_RETENTION_ARTIFACTS"_s, u"0"_s},
              {u"SKILLBOX_RETENTION_EXECUTIONS"_s, u"365"_s},
              {u"SKILLBOX_IMAGE_ALLOWLIST"_s, u"bash:5, tools:1"_s},
              {u"SKILLBOX_REQUIRED_CONTROLS"_s, u"landlock, control_group"_s}}),
        u"/bin"_s);
    QVERIFY2(config, config ? "" : qPrintable(config.error().message));
    QCOMPARE(config->dataDirectory, u"/srv/data"_s);
    QVERIFY(config->limits.requiredControls.landlock);
    QVERIFY(config->limits.requiredControls.controlGroup);
    QVERIFY(!config->limits.requiredControls.timeNamespace);
    QCOMPARE(config->limits.defaultTimeout, std::chrono::milliseconds(5s));
    QCOMPARE(config->limits.maxTimeout, std::chrono::milliseconds(90s));
    QCOMPARE(config->limits.defaultMemoryBytes, 64LL << 20);
    QCOMPARE(config->limits.maxMemoryBytes, 128LL << 20);
    QCOMPARE(config->limits.defaultMilliCpu, 250);
    QCOMPARE(config->limits.maxMilliCpu, 1000);
    QCOMPARE(config->limits.maxLogBytes, 2LL << 20);
    QCOMPARE(config->limits.maxFilesBytes, 1000);
    QCOMPARE(config->limits.maxConcurrent, 3);
    QCOMPARE(config->limits.maxQueue, 0);
    QCOMPARE(config->limits.imageAllowlist, (QStringList{u"bash:5"_s, u"tools:1"_s}));
    QCOMPARE(config->archiveLimits.archiveBytes, 1LL << 30);
    QVERIFY(config->archiveLimits.unpackedBytes >= 1LL << 30);
    QCOMPARE(config->tenantDefaults,
             (TenantSettings{.maxConcurrent = 5,
                             .runsPerMinute = 60,
                             .storageBytes = 10LL << 30,
                             .logDays = 30,
                             .artifactDays = 0,
                             .executionDays = 365}));
}

void EngineConfigTest::findsTheDataDirectory_data()
{
    QTest::addColumn<QString>("set");
    QTest::addColumn<QString>("xdg");
    QTest::addColumn<QString>("expected");
    const QString home = u"/home/someone/.local/share/skillbox"_s;
    QTest::newRow("home") << QString() << QString() << home;
    QTest::newRow("XDG") << QString() << u"/data/"_s << u"/data/skillbox"_s;
    QTest::newRow("relative XDG is ignored") << QString() << u"data"_s << home;
    QTest::newRow("set") << u"/srv/x"_s << u"/data"_s << u"/srv/x"_s;
    QTest::newRow("relative") << u"x/../y"_s << QString() << QDir::current().filePath(u"y"_s);
}

void EngineConfigTest::findsTheDataDirectory()
{
    QFETCH(QString, set);
    QFETCH(QString, xdg);
    const auto config = loadEngineConfig(
        with({{u"SKILLBOX_DATA_DIR"_s, set}, {u"XDG_DATA_HOME"_s, xdg}}), u"/bin"_s);
    QVERIFY(config);
    QTEST(config->dataDirectory, "expected");
}

void EngineConfigTest::namesEveryBadValueAtOnce()
{
    const auto config = loadEngineConfig(with({{u"SKILLBOX_MAX_TIMEOUT"_s, u"soon"_s},
                                               {u"SKILLBOX_MAX_MEMORY"_s, u"lots"_s},
                                               {u"SKILLBOX_DEFAULT_CPU"_s, u"0"_s},
                                               {u"SKILLBOX_MAX_QUEUE"_s, u"-1"_s},
                                               {u"SKILLBOX_MAX_CPU"_s, u"2"_s}}),
                                         u"/bin"_s);
    QVERIFY(!config);
    QCOMPARE(config.error().code, ErrorCode::BadRequest);
    const QStringList lines = config.error().message.split(u'\n');
    QCOMPARE(lines.size(), 4);
    for (const auto &name :
         {u"SKILLBOX_MAX_TIMEOUT: \"soon\""_s, u"SKILLBOX_MAX_MEMORY: \"lots\""_s,
          u"SKILLBOX_DEFAULT_CPU: \"0\""_s, u"SKILLBOX_MAX_QUEUE: \"-1\""_s})
        QVERIFY2(config.error().message.contains(name), qPrintable(config.error().message));
}

void EngineConfigTest::saysWhatIsWrong_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("value");
    QTest::newRow("no concurrency") << u"SKILLBOX_MAX_CONCURRENT_EXECS"_s << u"0"_s;
    QTest::newRow("fraction") << u"SKILLBOX_MAX_CONCURRENT_EXECS"_s << u"1.5"_s;
    QTest::newRow("overflow") << u"SKILLBOX_MAX_QUEUE"_s << u"99999999999"_s;
    QTest::newRow("no size") << u"SKILLBOX_MAX_FILES_SIZE"_s << u"0"_s;
    QTest::newRow("unknown unit") << u"SKILLBOX_MAX_SKILL_SIZE"_s << u"50 parsecs"_s;
    QTest::newRow("empty image") << u"SKILLBOX_IMAGE_ALLOWLIST"_s << u"bash:5,,"_s;
    QTest::newRow("unknown control") << u"SKILLBOX_REQUIRED_CONTROLS"_s << u"landlock,luck"_s;
    QTest::newRow("default over the maximum") << u"SKILLBOX_DEFAULT_TIMEOUT"_s << u"1h"_s;
    QTest::newRow("no number of days") << u"SKILLBOX_RETENTION_LOGS"_s << u"2w"_s;
    QTest::newRow("too many days") << u"SKILLBOX_RETENTION_EXECUTIONS"_s << u"99999"_s;
    QTest::newRow("no quota") << u"SKILLBOX_QUOTA_STORAGE"_s << u"-1"_s;
    QTest::newRow("no rate") << u"SKILLBOX_QUOTA_RUNS_PER_MINUTE"_s << u"60/m"_s;
    QTest::newRow("launcher missing") << u"SKILLBOX_SANDBOX_LAUNCHER"_s << u"/nowhere/launcher"_s;
    QTest::newRow("launcher is a folder") << u"SKILLBOX_SANDBOX_LAUNCHER"_s << u"/tmp"_s;
}

void EngineConfigTest::saysWhatIsWrong()
{
    QFETCH(QString, name);
    QFETCH(QString, value);
    const auto config = loadEngineConfig(with({{name, value}}), u"/bin"_s);
    QVERIFY(!config);
    QVERIFY2(config.error().message.startsWith(u"%1: \"%2\""_s.arg(name, value)),
             qPrintable(config.error().message));
}

void EngineConfigTest::aLowerMaximumTakesTheDefaultDown()
{
    const auto config = loadEngineConfig(with({{u"SKILLBOX_MAX_TIMEOUT"_s, u"10s"_s},
                                               {u"SKILLBOX_MAX_MEMORY"_s, u"64Mi"_s}}),
                                         u"/bin"_s);
    QVERIFY(config);
    QCOMPARE(config->limits.defaultTimeout, std::chrono::milliseconds(10s));
    QCOMPARE(config->limits.defaultMemoryBytes, 64LL << 20);
}

void EngineConfigTest::needsAPlaceForTheData()
{
    const auto config = loadEngineConfig(QProcessEnvironment(), u"/bin"_s);
    QVERIFY(!config);
    QVERIFY2(config.error().message.contains(u"SKILLBOX_DATA_DIR"_s),
             qPrintable(config.error().message));
}

void EngineConfigTest::findsTheLauncher()
{
    QTemporaryDir root;
    QVERIFY(QDir(root.path()).mkpath(u"bin"_s));
    QVERIFY(QDir(root.path()).mkpath(u"libexec/skillbox"_s));
    const QString bin = root.filePath(u"bin"_s);
    const auto launcher = [&](const QMap<QString, QString> &variables) {
        const auto config = loadEngineConfig(with(variables), bin);
        return config ? config->launcherPath : config.error().message;
    };
    const auto install = [](const QString &path) {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.setPermissions(QFile::ReadOwner | QFile::ExeOwner);
    };
    const QString installed = root.filePath(u"libexec/skillbox/skillbox-sandbox"_s);
    install(installed);
    QCOMPARE(launcher({}), installed);
    install(bin + u"/skillbox-sandbox"_s);
    QCOMPARE(launcher({}), bin + u"/skillbox-sandbox"_s);
    QCOMPARE(launcher({{u"SKILLBOX_SANDBOX_LAUNCHER"_s, installed}}), installed);
}

QTEST_GUILESS_MAIN(EngineConfigTest)
#include "test_engine_config.moc"
