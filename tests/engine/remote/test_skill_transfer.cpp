#include "engine/remote/skill_transfer.h"

#include "engine/remote/local_skill_store.h"
#include "engine/storage/directory_blob_store.h"
#include "engine/storage/sqlite_store.h"
#include "tests/support/skill_folder.h"
#include "tests/support/verify_result.h"

#include <QBuffer>
#include <QTemporaryDir>
#include <QTest>

using namespace skillbox;
using namespace skillbox::test;
using namespace Qt::StringLiterals;

namespace {

/// A whole store of skills in a folder of its own.
struct Place {
    QTemporaryDir directory;
    std::unique_ptr<MetadataStore> metadata;
    std::unique_ptr<DirectoryBlobStore> blobs;
    std::unique_ptr<SkillCache> cache;
    std::unique_ptr<Registry> registry;
    std::unique_ptr<LocalSkillStore> store;

    void open()
    {
        const auto in = [this](const QString &name) { return directory.filePath(name); };
        metadata = std::move(openSqliteStore(in(u"store.db"_s)).value());
        blobs = std::move(DirectoryBlobStore::open(in(u"blobs"_s)).value());
        cache = std::move(SkillCache::open(in(u"cache"_s)).value());
        registry = std::make_unique<Registry>(*metadata, *blobs, *cache, ArchiveLimits());
        store = std::make_unique<LocalSkillStore>(*registry, localTenant(), Origin{u"me"_s});
    }

    SkillVersionRecord publish(const SkillFolder &skill)
    {
        const auto published = registry->publishDirectory(
            localTenant(), skill.write(directory.filePath(u"sources"_s)), Origin{u"me"_s});
        return published ? published->record : SkillVersionRecord();
    }
    QStringList versions() const
    {
        QStringList all;
        const auto rows = store->versions({}, {}).value();
        for (const SkillVersionRecord &row : rows)
            all.append(row.name + u'@' + row.version);
        return all;
    }
};

/// A store that is not honest, or fails.
class Dishonest : public SkillStore
{
public:
    explicit Dishonest(SkillStore &store) : m_store(store) { }
    QByteArray archive; ///< given instead of the real one
    Error failure;      ///< of publish()
    QString digest;     ///< said of what was published
    std::function<void()> beforeReading;

    QString label() const override { return u"elsewhere"_s; }
    Result<QList<SkillVersionRecord>> versions(const QString &name,
                                               const std::stop_token &stop) override
    {
        return m_store.versions(name, stop);
    }
    Result<std::optional<SkillVersionRecord>> find(const QString &name,
                                                   const QString &version) override
    {
        return m_store.find(name, version);
    }
    Result<void> read(const SkillVersionRecord &record, QIODevice &target,
                      const TransferHooks &hooks) override
    {
        if (beforeReading)
            beforeReading();
        if (archive.isEmpty())
            return m_store.read(record, target, hooks);
        if (target.write(archive) != archive.size())
            return fail(ErrorCode::Io, target.errorString());
        return {};
    }
    Result<Published> publish(QIODevice &from, const TransferHooks &hooks) override
    {
        if (!failure.message.isEmpty())
            return fail(failure);
        auto published = m_store.publish(from, hooks);
        if (published && !digest.isEmpty())
            published->record.digest = digest;
        return published;
    }

private:
    SkillStore &m_store;
};

} // namespace

class TestSkillTransfer : public QObject
{
    Q_OBJECT

    std::unique_ptr<Place> m_here;
    std::unique_ptr<Place> m_there;

    QByteArray archiveOf(Place &place, const SkillVersionRecord &record)
    {
        QBuffer buffer;
        buffer.open(QIODevice::WriteOnly);
        return place.store->read(record, buffer, {}) ? buffer.data() : QByteArray();
    }

private Q_SLOTS:
    void init()
    {
        m_here = std::make_unique<Place>();
        m_there = std::make_unique<Place>();
        m_here->open();
        m_there->open();
    }

    void copiesAVersionByteForByte()
    {
        const SkillVersionRecord record = m_here->publish({});
        qint64 last = 0;
        qint64 whole = 0;
        const Transfer transfer = copySkill(*m_here->store, *m_there->store, record, {},
                                            {.progress = [&](qint64 done, qint64 total) {
                                                QVERIFY(done >= last);
                                                last = done;
                                                whole = total;
                                            }});
        QVERIFY2(transfer.outcome == TransferOutcome::Copied, qPrintable(transfer.error.message));
        QVERIFY(last > 0 && last <= whole);
        const auto copy = m_there->store->find(record.name, record.version).value();
        QVERIFY(copy);
        QCOMPARE(copy->digest, record.digest);
        QCOMPARE(copy->archive.sha256, record.archive.sha256);
        QCOMPARE(copySkill(*m_here->store, *m_there->store, record, {}).outcome,
                 TransferOutcome::AlreadyThere);
    }

    void tellsBothDigestsOfAConflictAndChangesNothing()
    {
        const SkillVersionRecord ours = m_here->publish({.script = "print('ours')\n"});
        const SkillVersionRecord theirs = m_there->publish({.script = "print('theirs')\n"});
        const Transfer transfer = copySkill(*m_here->store, *m_there->store, ours, {});
        QCOMPARE(transfer.outcome, TransferOutcome::Conflict);
        QCOMPARE(transfer.digest, ours.digest);
        QCOMPARE(transfer.otherDigest, theirs.digest);
        QVERIFY2(transfer.error.message.contains(ours.digest)
                     && transfer.error.message.contains(theirs.digest)
                     && transfer.error.message.contains(u"new version"_s),
                 qPrintable(transfer.error.message));
        QVERIFY(!endsTransfers(transfer));
        QCOMPARE(m_there->store->find(ours.name, ours.version).value()->digest, theirs.digest);
    }

    void noticesAConflictThatComesMeanwhile()
    {
        const SkillVersionRecord ours = m_here->publish({.script = "print('ours')\n"});
        Dishonest from(*m_here->store);
        from.beforeReading = [this] { m_there->publish({.script = "print('theirs')\n"}); };
        const Transfer transfer = copySkill(from, *m_there->store, ours, {});
        QCOMPARE(transfer.outcome, TransferOutcome::Conflict);
        QVERIFY(!transfer.otherDigest.isEmpty() && transfer.otherDigest != ours.digest);
    }

    void publishesNothingThatIsNotWhatItsRecordSays_data()
    {
        QTest::addColumn<QString>("what");
        QTest::addColumn<QString>("mention");
        QTest::newRow("other content") << u"content"_s << u"not what its record says"_s;
        QTest::newRow("another skill under the name") << u"name"_s << u"another skill"_s;
        QTest::newRow("no archive at all") << u"rubbish"_s << QString();
        QTest::newRow("without end") << u"endless"_s << u"larger than an archive may be"_s;
    }
    void publishesNothingThatIsNotWhatItsRecordSays()
    {
        QFETCH(QString, what);
        QFETCH(QString, mention);
        SkillVersionRecord record = m_here->publish({});
        Dishonest from(*m_here->store);
        ArchiveLimits limits;
        if (what == u"content") {
            from.archive = archiveOf(*m_here, m_here->publish({.version = u"1.0.1"_s}));
        } else if (what == u"name") {
            const SkillVersionRecord other = m_here->publish({.name = u"other"_s});
            from.archive = archiveOf(*m_here, other);
            record.digest = other.digest; // the source says that all is well
        } else if (what == u"rubbish") {
            from.archive = "PK rubbish";
        } else {
            from.archive = QByteArray(100'000, 'x');
            limits.archiveBytes = 50'000;
        }
        const Transfer transfer = copySkill(from, *m_there->store, record, limits);
        QCOMPARE(transfer.outcome, TransferOutcome::Failed);
        QVERIFY2(transfer.error.message.contains(mention), qPrintable(transfer.error.message));
        QCOMPARE(m_there->versions(), QStringList());
    }

    void believesNoTargetThatStoredSomethingElse()
    {
        const SkillVersionRecord record = m_here->publish({});
        Dishonest to(*m_there->store);
        to.digest = u"sha256:0"_s;
        const Transfer transfer = copySkill(*m_here->store, to, record, {});
        QCOMPARE(transfer.outcome, TransferOutcome::Failed);
        QCOMPARE(transfer.error.code, ErrorCode::StorageCorrupt);
        QVERIFY(transfer.error.message.contains(record.digest));
    }

    void saysWhetherTheOthersWouldFareTheSame()
    {
        const SkillVersionRecord record = m_here->publish({});
        Dishonest to(*m_there->store);
        to.failure = {ErrorCode::Io, u"the server is gone"_s};
        QVERIFY(endsTransfers(copySkill(*m_here->store, to, record, {})));
        to.failure = {ErrorCode::InvalidSkill, u"their checker does not like it"_s};
        const Transfer refused = copySkill(*m_here->store, to, record, {});
        QCOMPARE(refused.outcome, TransferOutcome::Failed);
        QVERIFY(!endsTransfers(refused));
        std::stop_source stop;
        stop.request_stop();
        const Transfer stopped = copySkill(*m_here->store, *m_there->store, record, {},
                                           {.stop = stop.get_token()});
        QCOMPARE(stopped.outcome, TransferOutcome::Cancelled);
        QVERIFY(endsTransfers(stopped));
        QCOMPARE(m_there->versions(), QStringList());
    }

    void plansWhatIsMissingOldestFirst()
    {
        for (const QString &version : {u"1.0.0"_s, u"1.10.0"_s, u"1.9.0"_s, u"0.9.0"_s})
            m_here->publish({.version = version, .script = "print(1)\n"});
        m_here->publish({.name = u"chart"_s, .version = u"2.0.0"_s});
        m_here->publish({.name = u"gone"_s});
        VERIFY_OK(m_here->registry->yank({localTenant(), u"gone"_s, u"1.0.0"_s}, {}, {}));
        m_there->publish({.version = u"1.0.0"_s, .script = "print(1)\n"});
        m_there->publish({.name = u"chart"_s, .version = u"2.0.0"_s, .script = "print(2)\n"});
        const auto plan = planSync(*m_here->store, *m_there->store, {});
        VERIFY_OK(plan);
        QStringList missing;
        for (const SkillVersionRecord &record : plan->missing)
            missing.append(record.version);
        QCOMPARE(missing, QStringList({u"0.9.0"_s, u"1.9.0"_s, u"1.10.0"_s}));
        QCOMPARE(plan->same.size(), 1);
        QCOMPARE(plan->conflicts.size(), 1);
        QCOMPARE(plan->conflicts[0].record.name, u"chart"_s);
        QCOMPARE(plan->yanked, 1);

        QCOMPARE(planSync(*m_here->store, *m_there->store, {u"chart"_s})->missing.size(), 0);
        const auto unknown = planSync(*m_here->store, *m_there->store, {u"chrat"_s});
        QVERIFY(!unknown);
        QCOMPARE(unknown.error().code, ErrorCode::NotFound);
    }
};

QTEST_GUILESS_MAIN(TestSkillTransfer)
#include "test_skill_transfer.moc"
