#include "server/http/sse.h"

#include <QtTest>

namespace skillbox {

class TestSse : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void formatsEvents_data()
    {
        QTest::addColumn<QByteArray>("event");
        QTest::addColumn<QByteArray>("id");
        QTest::addColumn<QByteArray>("data");
        QTest::addColumn<QByteArray>("text");
        const auto row = [](const char *name, const QByteArray &event, const QByteArray &id,
                            const QByteArray &data, const QByteArray &text) {
            QTest::newRow(name) << event << id << data << text;
        };
        row("all", "log", "3", "x", "event: log\nid: 3\ndata: x\n\n");
        row("data only", "", "", "x", "data: x\n\n");
        row("lines of every kind", "", "", "a\nb\r\nc\rd",
            "data: a\ndata: b\ndata: c\ndata: d\n\n");
        row("empty lines stay", "", "", "a\n\nb\n", "data: a\ndata: \ndata: b\ndata: \n\n");
        row("no event is smuggled in data", "", "", "x\n\nevent: result\ndata: y",
            "data: x\ndata: \ndata: event: result\ndata: data: y\n\n");
        row("none in a type", "a\n\ndata: y", "", "x", "event: a  data: y\ndata: x\n\n");
        row("none in an id", "", "1\r\rdata: y", "x", "id: 1  data: y\ndata: x\n\n");
    }
    void formatsEvents()
    {
        QFETCH(QByteArray, event);
        QFETCH(QByteArray, id);
        QFETCH(QByteArray, data);
        QFETCH(QByteArray, text);
        QCOMPARE(formatSseEvent({event, id, data}), text);
    }
};

} // namespace skillbox

QTEST_GUILESS_MAIN(skillbox::TestSse)
#include "test_sse.moc"
