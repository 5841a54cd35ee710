#include "engine/registry/finding_json.h"
#include "engine/registry/registry.h"
#include "engine/storage/directory_blob_store.h"
#include "engine/storage/sqlite_store.h"
#include "tests/support/skill_folder.h"
#include "tests/support/verify_result.h"

#include <QTemporaryDir>
#include <QTest>

using namespace skillbox;
using namespace skillbox::test;
using namespace Qt::StringLiterals;

/// What publishing makes of what the checker finds.
class TestPublishGate : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void keepsWarningsWithTheVersion();
    void refusesErrors_data();
    void refusesErrors();

private:
    std::unique_ptr<QTemporaryDir> m_directory;
    std::unique_ptr<MetadataStore> m_metadata;
    std::unique_ptr<DirectoryBlobStore> m_blobs;
    std::unique_ptr<SkillCache> m_cache;
    std::unique_ptr<Registry> m_registry;
};

void TestPublishGate::init()
{
    m_registry.reset();
    m_cache.reset();
    m_blobs.reset();
    m_metadata.reset();
    m_directory = std::make_unique<QTemporaryDir>();
    m_metadata = openSqliteStore(m_directory->filePath(u"store.db"_s)).value();
    m_blobs = DirectoryBlobStore::open(m_directory->filePath(u"blobs"_s)).value();
    m_cache = SkillCache::open(m_directory->filePath(u"cache"_s)).value();
    m_registry = std::make_unique<Registry>(*m_metadata, *m_blobs, *m_cache, ArchiveLimits());
}

void TestPublishGate::keepsWarningsWithTheVersion()
{
    const SkillFolder skill{.script = "import requests\n"};
    const auto published = m_registry->publishDirectory(localTenant(),
                                                        skill.write(m_directory->path()),
                                                        Origin{u"me"_s});
    VERIFY_OK(published);
    QCOMPARE(published->findings.size(), 1);
    QCOMPARE(published->findings[0].id, u"SBX-NET001"_s);
    const auto record = m_registry->find({localTenant(), skill.name, {}});
    VERIFY_OK(record);
    QCOMPARE(record->findings, findingsJson(published->findings));
}

void TestPublishGate::refusesErrors_data()
{
    QTest::addColumn<QByteArray>("header");
    QTest::addColumn<QByteArray>("script");
    QTest::addColumn<ErrorCode>("code");
    QTest::addColumn<QString>("id");

    const QByteArray attack = "import os\nos.dup2(s.fileno(), 0)\n";
    QTest::newRow("wrong field") << QByteArray("timeout: soon\n") << QByteArray("print(1)\n")
                                 << ErrorCode::InvalidSkill << u"SBX-META005"_s;
    QTest::newRow("danger") << QByteArray() << attack << ErrorCode::SecurityScanFailed
                            << u"SBX-SEC004"_s;
    QTest::newRow("both") << QByteArray("timeout: soon\n") << attack << ErrorCode::InvalidSkill
                          << u"SBX-SEC004"_s;
    QTest::newRow("danger that its author silences")
        << QByteArray() << "# skillbox-ignore-file SBX-SEC004: trust me\n" + attack
        << ErrorCode::SecurityScanFailed << u"SBX-SEC004"_s;
}

void TestPublishGate::refusesErrors()
{
    QFETCH(QByteArray, header);
    QFETCH(QByteArray, script);
    QFETCH(QString, id);
    const SkillFolder skill{.header = header, .script = script};
    const auto published = m_registry->publishDirectory(localTenant(),
                                                        skill.write(m_directory->path()),
                                                        Origin{u"me"_s});
    QVERIFY(!published);
    QTEST(published.error().code, "code");
    QStringList ids;
    for (const QJsonValue &item : published.error().items)
        ids += item[u"id"].toString();
    QVERIFY2(ids.contains(id), qPrintable(ids.join(u' ')));
    QVERIFY(!m_registry->find({localTenant(), skill.name, {}}));
}

QTEST_GUILESS_MAIN(TestPublishGate)
#include "test_publish_gate.moc"
