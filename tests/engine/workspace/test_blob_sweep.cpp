#include "engine/workspace/blob_sweep.h"

#include "tests/engine/workspace/workspace_fixture.h"

using namespace Qt::StringLiterals;
using namespace skillbox;

class BlobSweepTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void removesOldBlobsThatNothingRefersTo();
    void stopsWhenAsked();
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

QTEST_GUILESS_MAIN(BlobSweepTest)
#include "test_blob_sweep.moc"
