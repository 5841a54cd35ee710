// Prints what the store costs with much in it. Asserts only that the answers are right: times
// depend on the machine.

#include "engine/storage/sqlite_store.h"
#include "tests/support/store_records.h"
#include "tests/support/verify_result.h"

#include <QElapsedTimer>
#include <QSqlDatabase>
#include <QTemporaryDir>
#include <QTest>

using namespace skillbox;
using namespace skillbox::test;
using namespace Qt::StringLiterals;

class TestStoreScale : public QObject
{
    Q_OBJECT

    QTemporaryDir m_directory;
    QString path() const { return m_directory.filePath(u"skillbox.db"_s); }

    /// The median of several runs, in milliseconds.
    template<typename Work>
    static double median(Work work, int runs = 11)
    {
        std::vector<qint64> times;
        for (int i = 0; i < runs; ++i) {
            QElapsedTimer timer;
            timer.start();
            work();
            times.push_back(timer.nsecsElapsed());
        }
        std::sort(times.begin(), times.end());
        return static_cast<double>(times[times.size() / 2]) / 1e6;
    }
    static void print(const char *what, double milliseconds)
    {
        qInfo("%-52s %8.3f ms", what, milliseconds);
    }

private Q_SLOTS:
    void opening()
    {
        QElapsedTimer timer;
        timer.start();
        QVERIFY(QSqlDatabase::addDatabase(u"QSQLITE"_s, u"first"_s).isValid());
        QSqlDatabase::removeDatabase(u"first"_s);
        print("load Qt's SQLite driver", static_cast<double>(timer.nsecsElapsed()) / 1e6);
        timer.start();
        QVERIFY(openSqliteStore(path()));
        print("make a fresh store", static_cast<double>(timer.nsecsElapsed()) / 1e6);
        print("open and close an existing store",
              median([&] { QVERIFY(openSqliteStore(path())); }));
        print("open, record one run, close", median([&] {
                  const auto store = openSqliteStore(path()).value();
                  const ExecutionRecord run = someExecution(localTenant());
                  QVERIFY(store->insertExecution(run));
                  QVERIFY(store->markRunning(localTenant(), run.id, at(1)));
                  QVERIFY(store->finishExecution(finished(run)));
              }));
        // The log between store and disk grows from run to run until one of them empties it.
        std::vector<double> times;
        for (int i = 0; i < 300; ++i) {
            QElapsedTimer one;
            one.start();
            {
                const auto store = openSqliteStore(path()).value();
                ExecutionRecord run = someExecution(localTenant());
                run.logs = QString(10'000, u'l');
                QVERIFY(store->insertExecution(run));
            }
            times.push_back(static_cast<double>(one.nsecsElapsed()) / 1e6);
        }
        std::sort(times.begin(), times.end());
        print("open, record, close, with a log of any length: median", times[150]);
        print("… the worst of 300", times.back());
        const auto store = openSqliteStore(path()).value();
        print("the same without open and close", median([&] {
                  const ExecutionRecord run = someExecution(localTenant());
                  QVERIFY(store->insertExecution(run));
                  QVERIFY(store->markRunning(localTenant(), run.id, at(1)));
                  QVERIFY(store->finishExecution(finished(run)));
              }));
    }

    void tenThousandVersions()
    {
        const auto store = openSqliteStore(path()).value();
        QElapsedTimer timer;
        timer.start();
        for (int i = 0; i < 10'000; ++i) {
            auto record = someVersion(localTenant(), u"skill-%1"_s.arg(i / 5),
                                      u"1.%1.0"_s.arg(i % 5), i);
            record.instructions = u"Step %1 of many words about tables and charts. "_s.arg(i)
                                      .repeated(20);
            VERIFY_OK(store->insertVersion(record));
        }
        print("insert one of 10,000 versions",
              static_cast<double>(timer.nsecsElapsed()) / 1e6 / 1e4);
        const auto list = [&](const SkillFilter &filter, qsizetype expected) {
            const auto rows = store->listVersions(localTenant(), filter);
            QVERIFY(rows && rows->size() == expected);
        };
        print("list 50, first page", median([&] { list({.limit = 50}, 50); }));
        print("list 50, last page", median([&] { list({.limit = 50, .offset = 9950}, 50); }));
        print("list 1000", median([&] { list({.limit = 1000}, 1000); }));
        print("search, one hit", median([&] { list({.query = u"skill-777"_s, .limit = 50}, 5); }));
        print("search, every row hits",
              median([&] { list({.query = u"tables char"_s, .limit = 50}, 50); }));
        print("find one version", median([&] {
                  QVERIFY(store->findVersion(localTenant(), u"skill-1234"_s, u"1.3.0"_s));
              }));
    }

    void manyExecutions()
    {
        const auto store = openSqliteStore(path()).value();
        constexpr int count = 20'000;
        QElapsedTimer timer;
        timer.start();
        for (int i = 0; i < count; ++i)
            VERIFY_OK(store->insertExecution(someExecution(localTenant(), i)));
        print("insert one of 20,000 executions",
              static_cast<double>(timer.nsecsElapsed()) / 1e6 / count);
        const auto list = [&](const ExecutionFilter &filter) {
            const auto rows = store->listExecutions(localTenant(), filter);
            QVERIFY(rows && rows->size() == filter.limit);
        };
        print("list the newest 50", median([&] { list({}); }));
        print("list the newest 50 of a skill", median([&] { list({.skill = u"word-counter"_s}); }));
        print("list the newest 50 queued",
              median([&] { list({.status = ExecutionStatus::Queued}); }));
    }
};

QTEST_GUILESS_MAIN(TestStoreScale)
#include "test_store_scale.moc"
