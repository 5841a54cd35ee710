#include "engine/workspace/blob_sweep.h"

#include "engine/workspace/file_service.h"
#include "tests/engine/workspace/workspace_fixture.h"

#include <thread>

using namespace Qt::StringLiterals;
using namespace skillbox;

class BlobSweepTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void removesOldBlobsThatNothingRefersTo();
    void stopsWhenAsked();
    void keepsWhatIsStoredWhileItIsReleased_data();
    void keepsWhatIsStoredWhileItIsReleased();
};

void BlobSweepTest::removesOldBlobsThatNothingRefersTo()
{
    WorkspaceFixture m;
    FileRecord file{.id = {newUuid()},
                    .tenant = localTenant(),
                    .name = u"a"_s,
                    .session = {},
                    .execution = {},
                    .blob = m.put("used by a file"),
                    .contentType = u"text/plain"_s,
                    .sizeBytes = 1,
                    .version = 1,
                    .parent = {},
                    .createdAt = test::at(0),
                    .updatedAt = test::at(0)};
    VERIFY_OK(m.metadata->insertFile(file));
    VERIFY_OK(m.metadata->changeSession(localTenant(), u"s"_s,
                                        {{.path = u"a"_s,
                                          .blob = m.put("used by a session"),
                                          .sizeBytes = 1,
                                          .executable = false,
                                          .updatedAt = test::at(0)}},
                                        {}, {100, 10}));
    for (int i = 0; i < 20; ++i)
        m.put("forgotten " + QByteArray::number(i));

    const QDateTime now = QDateTime::currentDateTimeUtc();
    QCOMPARE(sweepBlobs(*m.metadata, *m.blobs, now.addSecs(-60)).value(), 0); // all are young
    QVERIFY(m.keeps("forgotten 3"));
    QCOMPARE(sweepBlobs(*m.metadata, *m.blobs, now.addSecs(60)).value(), 20);
    QVERIFY(!m.keeps("forgotten 3"));
    QVERIFY(m.keeps("used by a file"));
    QVERIFY(m.keeps("used by a session"));
}

void BlobSweepTest::stopsWhenAsked()
{
    WorkspaceFixture m;
    m.put("forgotten");
    std::stop_source stop;
    stop.request_stop();
    const QDateTime soon = QDateTime::currentDateTimeUtc().addSecs(60);
    QCOMPARE(sweepBlobs(*m.metadata, *m.blobs, soon, stop.get_token()).value(), 0);
    QVERIFY(m.keeps("forgotten"));
}

void BlobSweepTest::keepsWhatIsStoredWhileItIsReleased_data()
{
    QTest::addColumn<bool>("canGoBack");
    QTest::newRow("a file") << true;
    QTest::newRow("a stream") << false;
}

void BlobSweepTest::keepsWhatIsStoredWhileItIsReleased()
{
    QFETCH(bool, canGoBack);
    WorkspaceFixture m;
    FileService files(*m.metadata, *m.blobs, 1 << 20);
    const QByteArray content = "forgotten, and stored again";
    const BlobId blob = m.put(content);
    Result<FileRecord> made = fail(ErrorCode::Internal, u"not made"_s);
    std::jthread writer;
    const auto released = m.metadata->releaseBlob(blob, [&]() -> Result<void> {
        // Nothing refers to it, and it is about to go; that moment somebody stores it and makes
        // a record of it.
        writer = std::jthread([&] {
            QBuffer buffer;
            buffer.setData(content);
            buffer.open(QIODevice::ReadOnly);
            OneWay stream(content);
            made = files.create(localTenant(), {.name = u"a"_s, .contentType = {}, .session = {}},
                                canGoBack ? static_cast<QIODevice &>(buffer) : stream, {});
        });
        const auto isReferred = [&] { return m.metadata->isBlobReferenced(blob).value_or(false); };
        if (!QTest::qWaitFor(isReferred, 30'000))
            return fail(ErrorCode::Internal, u"no record came"_s);
        return m.blobs->remove(blob).map([](bool) {});
    });
    VERIFY_OK(released);
    writer.join();
    if (canGoBack) {
        VERIFY_OK(made);
        QVERIFY(m.keeps(content));
    } else { // it says so, and leaves no record of what is not there
        QVERIFY(!made);
        QCOMPARE(made.error().code, ErrorCode::StorageUnavailable);
        QVERIFY(!m.metadata->isBlobReferenced(blob).value());
    }
}

QTEST_GUILESS_MAIN(BlobSweepTest)
#include "test_blob_sweep.moc"
