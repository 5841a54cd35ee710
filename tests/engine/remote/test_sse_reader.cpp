#include "engine/remote/sse_reader.h"

#include <QtTest>

using namespace Qt::StringLiterals;

namespace skillbox {

class TestSseReader : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsEventsHoweverTheyAreCut_data()
    {
        QTest::addColumn<QByteArray>("stream");
        QTest::addColumn<QByteArrayList>("expected"); // type|id|data

        using List = QByteArrayList;
        QTest::newRow("all fields")
            << QByteArray("event: log\nid: 7\ndata: {\"a\":1}\n\n") << List{"log|7|{\"a\":1}"};
        QTest::newRow("no type") << QByteArray("data: x\n\n") << List{"message||x"};
        QTest::newRow("no space after the colon") << QByteArray("data:x\n\n") << List{"message||x"};
        QTest::newRow("one space only is taken off")
            << QByteArray("data:  x\n\n") << List{"message|| x"};
        QTest::newRow("lines of data are joined")
            << QByteArray("data: a\ndata:\ndata: b\n\n") << List{"message||a\n\nb"};
        QTest::newRow("carriage returns")
            << QByteArray("data: a\r\n\r\ndata: b\r\r") << List{"message||a", "message||b"};
        QTest::newRow("comments are heartbeats")
            << QByteArray(": ping\n\n: ping\n\ndata: a\n\n") << List{"message||a"};
        QTest::newRow("an id stays for later events")
            << QByteArray("id: 1\ndata: a\n\ndata: b\n\n") << List{"message|1|a", "message|1|b"};
        QTest::newRow("an event without data is none")
            << QByteArray("event: state\n\ndata: a\n\n") << List{"message||a"};
        QTest::newRow("an event that is not ended is none") << QByteArray("data: a\n") << List{};
        QTest::newRow("unknown fields")
            << QByteArray("retry: 5\nfoo: x\nbar\ndata: a\n\n") << List{"message||a"};
    }
    void readsEventsHoweverTheyAreCut()
    {
        QFETCH(QByteArray, stream);
        QFETCH(QByteArrayList, expected);
        for (qsizetype size = 1; size <= stream.size(); ++size) {
            QByteArrayList seen;
            SseReader reader([&](const ServerEvent &event) -> Result<void> {
                seen.append(event.type + '|' + event.id + '|' + event.data);
                return {};
            });
            for (qsizetype at = 0; at < stream.size(); at += size)
                QVERIFY(reader.feed(stream.mid(at, size)));
            QCOMPARE(seen, expected);
        }
    }

    void endsWithTheHandlersError()
    {
        SseReader reader([](const ServerEvent &) -> Result<void> {
            return fail(ErrorCode::Cancelled, u"enough"_s);
        });
        const Result<void> fed = reader.feed("data: a\n\ndata: b\n\n");
        QVERIFY(!fed);
        QCOMPARE(fed.error().code, ErrorCode::Cancelled);
    }

    void refusesAnEventWithoutEnd()
    {
        SseReader reader([](const ServerEvent &) -> Result<void> { return {}; });
        const QByteArray piece(1 << 20, 'x');
        Result<void> fed = reader.feed("data: ");
        for (int i = 0; i < 100 && fed; ++i)
            fed = reader.feed(piece);
        QVERIFY(!fed);
        QCOMPARE(fed.error().code, ErrorCode::TooLarge);
    }
};

} // namespace skillbox

QTEST_GUILESS_MAIN(skillbox::TestSseReader)
#include "test_sse_reader.moc"
