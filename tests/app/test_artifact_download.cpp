#include "app/cli/artifact_download.h"

#include "app/cli/backend/embedded_backend.h"
#include "engine/engine.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace Qt::StringLiterals;

namespace skillbox {

/// Paths that no run of ours can give, as from a damaged or forged store. What real runs give is
/// in test_skillbox_run.
class TestArtifactDownload : public QObject
{
    Q_OBJECT

    QTemporaryDir m_dir;
    std::unique_ptr<Engine> m_engine;
    std::unique_ptr<EmbeddedBackend> m_backend;

private Q_SLOTS:
    void initTestCase()
    {
        EngineConfig config;
        config.dataDirectory = m_dir.filePath(u"data"_s);
        auto engine = Engine::create(config);
        QVERIFY2(engine, engine ? "" : qPrintable(engine.error().message));
        m_engine = std::move(*engine);
        m_backend = std::make_unique<EmbeddedBackend>(*m_engine, localTenant(), Origin());
    }

    void refusesPathsThatLeaveTheFolder_data()
    {
        QTest::addColumn<QString>("path");
        QTest::newRow("parent") << u"../evil"_s;
        QTest::newRow("parent inside") << u"a/../../evil"_s;
        QTest::newRow("absolute") << u"/tmp/evil"_s;
        QTest::newRow("itself") << u"./evil"_s;
        QTest::newRow("empty component") << u"a//evil"_s;
        QTest::newRow("empty") << QString();
        QTest::newRow("NUL") << u"a\0b"_s;
    }
    void refusesPathsThatLeaveTheFolder()
    {
        QFETCH(QString, path);
        ExecutionRecord record;
        record.artifacts.append({u"fine.txt"_s, {}, {QString(64, u'a')}, 1, {}});
        record.artifacts.append({path, {}, {QString(64, u'a')}, 1, {}});
        const QString target = m_dir.filePath(u"out"_s);
        const auto saved = downloadArtifacts(*m_backend, record, target, ExistingFiles::Replace);
        QVERIFY(!saved);
        QCOMPARE(saved.error().code, ErrorCode::StorageCorrupt);
        QVERIFY(QDir(target).isEmpty());
        QVERIFY(!QFile::exists(m_dir.filePath(u"evil"_s)));
    }

    void namesAFileTheStoreHasLost()
    {
        ExecutionRecord record;
        record.artifacts.append({u"lost.txt"_s, {}, {QString(64, u'b')}, 1, {}});
        const QString target = m_dir.filePath(u"lost"_s);
        const auto saved = downloadArtifacts(*m_backend, record, target, ExistingFiles::KeepForeign);
        QVERIFY(!saved);
        QVERIFY(saved.error().message.contains(u"lost.txt"_s));
        QVERIFY(QDir(target).isEmpty());
    }
};

} // namespace skillbox

QTEST_GUILESS_MAIN(skillbox::TestArtifactDownload)
#include "test_artifact_download.moc"
