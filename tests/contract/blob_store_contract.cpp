#include "tests/contract/blob_store_contract.h"

#include "engine/base/sha256.h"
#include "tests/support/store_helper_process.h"
#include "tests/support/verify_result.h"

#include <QBuffer>
#include <QProcess>
#include <QTest>

#include <atomic>
#include <thread>

using namespace Qt::StringLiterals;

namespace skillbox::test {
namespace {

/// Fails after `good` bytes.
class BrokenSource : public QIODevice
{
public:
    explicit BrokenSource(qint64 good) : m_left(good) { }

protected:
    qint64 readData(char *data, qint64 size) override
    {
        if (m_left == 0) {
            setErrorString(u"the cable was pulled"_s);
            return -1;
        }
        const qint64 now = qMin(size, m_left);
        std::fill_n(data, now, 'x');
        m_left -= now;
        return now;
    }
    qint64 writeData(const char *, qint64) override { return -1; }

private:
    qint64 m_left;
};

} // namespace

void BlobStoreContract::init()
{
    makeEmptyStore();
    auto store = openStore();
    VERIFY_OK(store);
    m_store = std::move(*store);
}

void BlobStoreContract::cleanup()
{
    m_store.reset();
}

Result<StoredBlob> BlobStoreContract::put(QByteArray bytes, qint64 maxBytes)
{
    QBuffer source(&bytes);
    source.open(QIODevice::ReadOnly);
    return m_store->put(source, maxBytes);
}

void BlobStoreContract::givesBackWhatWasPut_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("one byte") << QByteArray("x");
    QTest::newRow("binary") << QByteArray("\0\xff\n\r\0", 5);
    QTest::newRow("one buffer") << QByteArray(256 * 1024, 'b');
    QTest::newRow("one more") << QByteArray(256 * 1024 + 1, 'b');
    QTest::newRow("large") << QByteArray(5'000'000, 'l');
}

void BlobStoreContract::givesBackWhatWasPut()
{
    QFETCH(QByteArray, bytes);
    const auto stored = put(bytes);
    VERIFY_OK(stored);
    QCOMPARE(stored->id.sha256, Sha256::of(bytes));
    QCOMPARE(stored->size, bytes.size());
    QVERIFY(m_store->contains(stored->id).value());
    const auto opened = m_store->open(stored->id);
    VERIFY_OK(opened);
    QVERIFY(*opened);
    QVERIFY((*opened)->isReadable());
    QVERIFY((*opened)->readAll() == bytes);
}

void BlobStoreContract::keepsOneCopyOfTheSameBytes()
{
    const auto first = put("same");
    VERIFY_OK(first);
    const QStringList kept = everythingKept();
    const auto second = put("same");
    VERIFY_OK(second);
    QCOMPARE(second->id.sha256, first->id.sha256);
    QCOMPARE(everythingKept(), kept);
}

void BlobStoreContract::answersNothingForAMissingBlob()
{
    const BlobId missing{Sha256::of("never put")};
    QVERIFY(!m_store->contains(missing).value());
    QVERIFY(!m_store->remove(missing).value());
    const auto opened = m_store->open(missing);
    VERIFY_OK(opened);
    QVERIFY(!*opened);
}

void BlobStoreContract::answersNothingForWhatIsNoBlobName_data()
{
    QTest::addColumn<QString>("name");
    QTest::newRow("empty") << QString();
    QTest::newRow("short") << u"ab"_s;
    QTest::newRow("path") << u"../../../../../../../../../../../../../../../../../../etc/passwd0"_s;
    QTest::newRow("upper case") << Sha256::of("put").toUpper();
    QTest::newRow("not hex") << QString(64, u'g');
    QTest::newRow("NUL") << Sha256::of("put").first(63) + QChar(u'\0');
    QTest::newRow("long") << Sha256::of("put") + u'0';
}

void BlobStoreContract::answersNothingForWhatIsNoBlobName()
{
    QFETCH(QString, name);
    VERIFY_OK(put("put"));
    QVERIFY(!m_store->contains({name}).value());
    QVERIFY(!m_store->remove({name}).value());
    QVERIFY(!m_store->open({name}).value());
}

void BlobStoreContract::removesOnce()
{
    const auto stored = put("gone soon");
    VERIFY_OK(stored);
    QVERIFY(m_store->remove(stored->id).value());
    QVERIFY(!m_store->remove(stored->id).value());
    QVERIFY(!m_store->contains(stored->id).value());
    QVERIFY(!m_store->open(stored->id).value());
    VERIFY_OK(put("gone soon")); // and can be put again
    QVERIFY(m_store->contains(stored->id).value());
}

void BlobStoreContract::readsWhileItIsRemoved()
{
    const QByteArray bytes(1'000'000, 'r');
    const auto stored = put(bytes);
    VERIFY_OK(stored);
    const auto opened = m_store->open(stored->id);
    VERIFY_OK(opened);
    QVERIFY(m_store->remove(stored->id).value());
    QVERIFY((*opened)->readAll() == bytes);
}

void BlobStoreContract::listsWhatWasPutBefore()
{
    const auto blob = put("old or new");
    VERIFY_OK(blob);
    const QByteArray digits = blob->id.sha256.first(2).toLatin1();
    const QLatin1StringView prefix(digits);
    const QDateTime now = QDateTime::currentDateTimeUtc();
    QVERIFY(m_store->listPutBefore(prefix, now.addSecs(-60)).value().isEmpty());
    QCOMPARE(m_store->listPutBefore(prefix, now.addSecs(60)).value(), QList<BlobId>{blob->id});
    const QLatin1StringView elsewhere(prefix == "00"_L1 ? "01" : "00");
    QVERIFY(m_store->listPutBefore(elsewhere, now.addSecs(60)).value().isEmpty());
}

void BlobStoreContract::aLocalFileHoldsTheBytes()
{
    const auto blob = put("as a file");
    VERIFY_OK(blob);
    const QString path = m_store->localFile(blob->id);
    if (path.isEmpty())
        QSKIP("this store has no files of its own");
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(), "as a file");
}

void BlobStoreContract::keepsNothingOverTheLimit_data()
{
    QTest::addColumn<qint64>("limit");
    QTest::newRow("one byte less") << qint64(999'999);
    QTest::newRow("none allowed") << qint64(0);
}

void BlobStoreContract::keepsNothingOverTheLimit()
{
    QFETCH(qint64, limit);
    const QStringList before = everythingKept();
    const auto stored = put(QByteArray(1'000'000, 'x'), limit);
    VERIFY_FAILS(stored, ErrorCode::TooLarge, QString::number(limit));
    QCOMPARE(everythingKept(), before);
    VERIFY_OK(put(QByteArray(1'000'000, 'x'), 1'000'000)); // exactly the limit is allowed
}

void BlobStoreContract::keepsNothingOfASourceThatFails()
{
    const QStringList before = everythingKept();
    BrokenSource source(700'000);
    source.open(QIODevice::ReadOnly | QIODevice::Unbuffered);
    const auto stored = m_store->put(source, 1 << 30);
    VERIFY_FAILS(stored, ErrorCode::Io, u"the cable was pulled"_s);
    QCOMPARE(everythingKept(), before);
}

void BlobStoreContract::putsFromAPipe()
{
    // A sequential source has pauses that are not its end.
    QProcess process;
    process.start(u"/bin/sh"_s, {u"-c"_s, u"printf one; sleep 0.05; printf two"_s});
    QVERIFY(process.waitForStarted());
    const auto stored = m_store->put(process, 100);
    VERIFY_OK(stored);
    QCOMPARE(stored->id.sha256, Sha256::of("onetwo"));
}

void BlobStoreContract::eightThreadsPutTheSameAndDifferent()
{
    std::atomic<int> failures = 0;
    std::vector<std::jthread> workers;
    for (int t = 0; t < 8; ++t) {
        workers.emplace_back([&, t] {
            for (int i = 0; i < 10; ++i) {
                const QByteArray own = QByteArray(50'000, 'o') + QByteArray::number(t * 100 + i);
                const QByteArray shared = QByteArray(50'000, 's') + QByteArray::number(i);
                for (const QByteArray &bytes : {own, shared}) {
                    const auto stored = put(bytes);
                    const auto opened = stored ? m_store->open(stored->id)
                                               : Result<std::unique_ptr<QIODevice>>(nullptr);
                    const bool ok = opened && *opened && (*opened)->readAll() == bytes;
                    failures += ok ? 0 : 1;
                }
            }
        });
    }
    workers.clear(); // joins
    QCOMPARE(failures.load(), 0);
}

void BlobStoreContract::putsWhileOthersRemove()
{
    const QByteArray bytes(100'000, 'w');
    const BlobId id{Sha256::of(bytes)};
    std::atomic<int> failures = 0;
    {
        const std::jthread remover([&](const std::stop_token &stop) {
            while (!stop.stop_requested()) {
                if (!m_store->remove(id))
                    ++failures;
            }
        });
        for (int i = 0; i < 100; ++i) {
            if (!put(bytes))
                ++failures;
            // There wholly or not at all, at any moment.
            const auto opened = m_store->open(id);
            if (!opened || (*opened && (*opened)->readAll() != bytes))
                ++failures;
        }
    }
    QCOMPARE(failures.load(), 0);
    VERIFY_OK(put(bytes));
    QVERIFY(m_store->contains(id).value());
}

void BlobStoreContract::twoProcessesPutTheSameAtOnce()
{
    HelperProcess a(helperArguments() + QStringList{u"put-blobs"_s, u"50"_s});
    HelperProcess b(helperArguments() + QStringList{u"put-blobs"_s, u"50"_s});
    QVERIFY2(a.succeeds(), qPrintable(a.complaint()));
    QVERIFY2(b.succeeds(), qPrintable(b.complaint()));
    a.saysLines(50);
    for (const QByteArray &id : a.lines())
        QVERIFY(m_store->contains({QString::fromLatin1(id)}).value());
}

void BlobStoreContract::survivesTheDeathOfAWriter()
{
    const auto before = put("was there before");
    VERIFY_OK(before);
    const QStringList kept = everythingKept();
    {
        HelperProcess writer(helperArguments() + QStringList{u"put-endlessly"_s, u"0"_s});
        QVERIFY2(writer.saysLines(1), qPrintable(writer.complaint()));
        QVERIFY(everythingKept() != kept); // it is in the middle of it
        auto another = openStore();        // and opening does not take it away from the living
        VERIFY_OK(another);
        QVERIFY(everythingKept() != kept);
        writer.kill();
    }
    auto again = openStore();
    VERIFY_OK(again);
    QCOMPARE(everythingKept(), kept);
    QCOMPARE((*again)->open(before->id).value()->readAll(), "was there before");

    HelperProcess writer(helperArguments() + QStringList{u"put-blobs"_s, u"0"_s});
    QVERIFY2(writer.saysLines(10), qPrintable(writer.complaint()));
    writer.kill();
    for (const QByteArray &id : writer.lines()) {
        const BlobId blob{QString::fromLatin1(id)};
        const auto opened = (*again)->open(blob);
        VERIFY_OK(opened);
        QVERIFY(*opened);
        QCOMPARE(Sha256::of((*opened)->readAll()), blob.sha256);
    }
}

} // namespace skillbox::test
