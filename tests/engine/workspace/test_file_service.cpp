#include "engine/workspace/file_service.h"

#include "tests/engine/workspace/workspace_fixture.h"
#include "tests/support/forwarding_store.h"

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

const Origin me{u"key-1"_s, u"127.0.0.1"_s, u"request-1"_s};
const TenantId other{u"other"_s};

/// Lets somebody else take the blob away between its storing and its record.
class ThievingStore final : public ForwardingStore
{
public:
    ThievingStore(MetadataStore &store, BlobStore &blobs) : ForwardingStore(store), m_blobs(blobs)
    {
    }
    Result<void> insertFile(const FileRecord &record, const AuditRecord *audit) override
    {
        (void)m_blobs.remove(record.blob);
        return m_store.insertFile(record, audit);
    }

private:
    BlobStore &m_blobs;
};

} // namespace

class FileServiceTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m = std::make_unique<WorkspaceFixture>();
        m_files = std::make_unique<FileService>(*m->metadata, *m->blobs, 100);
    }
    void cleanup()
    {
        m_files.reset();
        m.reset();
    }

    void givesBackWhatWasUploaded();
    void takesAStream();
    void refusesBadNames_data();
    void refusesBadNames();
    void refusesWhatIsTooLarge();
    void findsAContentTypeWhereNoneWasSaid_data();
    void findsAContentTypeWhereNoneWasSaid();
    void keepsVersionsApart();
    void removesBytesWithTheLastThatNeedsThem();
    void anotherTenantSeesNothing();
    void idsThatAreNoUuidsNameNothing();
    void storesAgainWhatWasTakenAway();
    void audits();

private:
    Result<FileRecord> create(const QByteArray &content, const QString &name = u"a.txt"_s,
                              const QString &type = {})
    {
        QByteArray bytes = content;
        QBuffer buffer(&bytes);
        buffer.open(QIODevice::ReadOnly);
        return m_files->create(localTenant(), {.name = name, .contentType = type, .session = {}},
                               buffer, me);
    }
    Result<FileRecord> update(const FileId &id, const QByteArray &content,
                              const TenantId &tenant = localTenant())
    {
        QByteArray bytes = content;
        QBuffer buffer(&bytes);
        buffer.open(QIODevice::ReadOnly);
        return m_files->addVersion(tenant, id, {}, buffer, me);
    }
    QByteArray contentOf(const FileRecord &file)
    {
        const auto device = m_files->open(file);
        return device ? (*device)->readAll() : device.error().message.toUtf8();
    }

    std::unique_ptr<WorkspaceFixture> m;
    std::unique_ptr<FileService> m_files;
};

void FileServiceTest::givesBackWhatWasUploaded()
{
    const auto made = create("some text", u"Notizen – ü.txt"_s, u"text/x-notes"_s);
    VERIFY_OK(made);
    const auto found = m_files->find(localTenant(), made->id);
    VERIFY_OK(found);
    QCOMPARE(found->name, u"Notizen – ü.txt"_s);
    QCOMPARE(found->contentType, u"text/x-notes"_s);
    QCOMPARE(found->sizeBytes, 9);
    QCOMPARE(found->version, 1);
    QVERIFY(found->parent.isEmpty());
    QVERIFY(isUuid(found->id.value));
    QCOMPARE(contentOf(*found), "some text"_ba);
}

void FileServiceTest::takesAStream()
{
    OneWay stream("from a pipe");
    const auto made = m_files->create(localTenant(),
                                      {.name = u"s"_s, .contentType = {}, .session = u"work"_s},
                                      stream, me);
    VERIFY_OK(made);
    QCOMPARE(contentOf(*made), "from a pipe"_ba);
    QCOMPARE(m_files->list(localTenant(), {.session = u"work"_s}).value().size(), 1);
}

void FileServiceTest::refusesBadNames_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("session");
    QTest::newRow("none") << u""_s << u""_s;
    QTest::newRow("NUL") << QString(u"a\0b"_s) + QChar(u'\0') << u""_s;
    QTest::newRow("line feed") << u"a\nb"_s << u""_s;
    QTest::newRow("half a character") << QString(QChar(u'\xd800')) << u""_s;
    QTest::newRow("long") << QString(256, u'a') << u""_s;
    QTest::newRow("session path") << u"a"_s << u"../x"_s;
    QTest::newRow("session dots") << u"a"_s << u".."_s;
}

void FileServiceTest::refusesBadNames()
{
    QFETCH(QString, name);
    QFETCH(QString, session);
    OneWay content("x");
    const auto refused = m_files->create(localTenant(),
                                         {.name = name, .contentType = {}, .session = session},
                                         content, me);
    QVERIFY(!refused);
    QCOMPARE(refused.error().code, ErrorCode::BadRequest);
    QVERIFY(!m->keeps("x"));
}

void FileServiceTest::refusesWhatIsTooLarge()
{
    VERIFY_OK(create(QByteArray(100, 'x')));
    const auto refused = create(QByteArray(101, 'x'));
    QVERIFY(!refused);
    QCOMPARE(refused.error().code, ErrorCode::TooLarge);
    QVERIFY(!m->keeps(QByteArray(101, 'x')));
    QCOMPARE(m_files->list(localTenant(), {}).value().size(), 1);
}

void FileServiceTest::findsAContentTypeWhereNoneWasSaid_data()
{
    QTest::addColumn<QString>("said");
    QTest::addColumn<QString>("expected");
    QTest::newRow("nothing") << u""_s << u"text/csv; charset=utf-8"_s;
    QTest::newRow("said") << u"Text/Plain; charset=latin1"_s << u"Text/Plain; charset=latin1"_s;
    QTest::newRow("another header") << u"text/plain\r\nX-A: b"_s << u"text/csv; charset=utf-8"_s;
    QTest::newRow("no type") << u"plain"_s << u"text/csv; charset=utf-8"_s;
    QTest::newRow("long") << u"text/"_s + QString(300, u'a') << u"text/csv; charset=utf-8"_s;
}

void FileServiceTest::findsAContentTypeWhereNoneWasSaid()
{
    QFETCH(QString, said);
    QFETCH(QString, expected);
    QCOMPARE(create("1,2", u"t.csv"_s, said).value().contentType, expected);
}

void FileServiceTest::keepsVersionsApart()
{
    const auto first = create("one");
    VERIFY_OK(first);
    const auto second = update(first->id, "two");
    VERIFY_OK(second);
    QCOMPARE(second->version, 2);
    QCOMPARE(second->parent, first->id);
    QCOMPARE(second->name, u"a.txt"_s);
    QVERIFY(second->id != first->id);
    const auto third = update(second->id, "three");
    VERIFY_OK(third);
    QCOMPARE(third->parent, first->id);
    QCOMPARE(contentOf(*first), "one"_ba);
    QCOMPARE(contentOf(*third), "three"_ba);
    const auto chain = m_files->versions(localTenant(), second->id);
    VERIFY_OK(chain);
    QCOMPARE(chain->size(), 3);
    QCOMPARE(chain->first().id, third->id);
    VERIFY_OK(m_files->remove(localTenant(), second->id, me));
    QCOMPARE(m_files->versions(localTenant(), first->id).value().size(), 2);
    QCOMPARE(m_files->find(localTenant(), second->id).error().code, ErrorCode::NotFound);
}

void FileServiceTest::removesBytesWithTheLastThatNeedsThem()
{
    const auto a = create("same");
    const auto b = create("same");
    VERIFY_OK(a);
    VERIFY_OK(b);
    VERIFY_OK(m_files->remove(localTenant(), a->id, me));
    QVERIFY(m->keeps("same"));
    QCOMPARE(contentOf(*b), "same"_ba);
    VERIFY_OK(m_files->remove(localTenant(), b->id, me));
    QVERIFY(!m->keeps("same"));
    QCOMPARE(m_files->open(*b).error().code, ErrorCode::StorageCorrupt);
    QCOMPARE(m_files->remove(localTenant(), b->id, me).error().code, ErrorCode::NotFound);
}

void FileServiceTest::anotherTenantSeesNothing()
{
    const auto mine = create("mine");
    VERIFY_OK(mine);
    QCOMPARE(m_files->find(other, mine->id).error().code, ErrorCode::NotFound);
    QCOMPARE(m_files->versions(other, mine->id).error().code, ErrorCode::NotFound);
    QCOMPARE(m_files->remove(other, mine->id, me).error().code, ErrorCode::NotFound);
    QCOMPARE(update(mine->id, "theirs", other).error().code, ErrorCode::NotFound);
    QVERIFY(!m->keeps("theirs"));
    QVERIFY(m_files->list(other, {}).value().isEmpty());
    VERIFY_OK(m_files->find(localTenant(), mine->id));
}

void FileServiceTest::idsThatAreNoUuidsNameNothing()
{
    for (const QString &id : {u""_s, u"../../etc/passwd"_s, u"x"_s}) {
        QCOMPARE(m_files->find(localTenant(), {id}).error().code, ErrorCode::NotFound);
        QCOMPARE(m_files->versions(localTenant(), {id}).error().code, ErrorCode::NotFound);
    }
}

void FileServiceTest::storesAgainWhatWasTakenAway()
{
    ThievingStore store(*m->metadata, *m->blobs);
    FileService files(store, *m->blobs, 100);
    QByteArray bytes = "stolen";
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::ReadOnly);
    const auto made = files.create(localTenant(),
                                   {.name = u"a"_s, .contentType = {}, .session = {}}, buffer, me);
    VERIFY_OK(made);
    QCOMPARE(contentOf(*made), "stolen"_ba);

    OneWay stream("stolen too");
    const auto lost = files.create(localTenant(),
                                   {.name = u"b"_s, .contentType = {}, .session = {}}, stream, me);
    QVERIFY(!lost);
    QCOMPARE(lost.error().code, ErrorCode::StorageUnavailable);
    QCOMPARE(m_files->list(localTenant(), {}).value().size(), 1);
}

void FileServiceTest::audits()
{
    const auto made = create("one");
    VERIFY_OK(made);
    VERIFY_OK(update(made->id, "two"));
    VERIFY_OK(m_files->remove(localTenant(), made->id, me));
    QVERIFY(!m_files->remove(localTenant(), made->id, me));
    QCOMPARE(m->auditedActions(),
             (QStringList{u"file.create"_s, u"file.update"_s, u"file.delete"_s}));
    const auto records = m->metadata->listAudit(localTenant(), {});
    QCOMPARE(records->first().actor, me.actor);
    QCOMPARE(records->first().address, me.address);
    QCOMPARE(records->first().requestId, me.requestId);
    QCOMPARE(records->first().target, made->id.value);
    QCOMPARE(records->first().details[u"sha256"_s].toString(), Sha256::of("one"));
}

QTEST_GUILESS_MAIN(FileServiceTest)
#include "test_file_service.moc"
