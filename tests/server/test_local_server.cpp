#include "server/local_server.h"

#include "engine/engine.h"

#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {

class TestLocalServer : public QObject
{
    Q_OBJECT

    QTemporaryDir m_directory;
    std::unique_ptr<Engine> m_engine;

private Q_SLOTS:
    void initTestCase()
    {
        EngineConfig config;
        config.dataDirectory = m_directory.filePath(u"data"_s);
        auto engine = Engine::create(config);
        QVERIFY2(engine, engine ? "" : qPrintable(engine.error().message));
        m_engine = std::move(*engine);
    }

    void itsKeyEndsWithIt()
    {
        QString key;
        QString file;
        {
            const auto server = LocalServer::start(*m_engine, {});
            QVERIFY2(server, server ? "" : qPrintable(server.error().message));
            key = (*server)->localKey();
            file = (*server)->keyFile();
            QVERIFY(m_engine->access().authenticate(key));
            const auto wanted = QFile::ReadOwner | QFile::WriteOwner | QFile::ReadUser
                | QFile::WriteUser;
            QCOMPARE(QFile::permissions(file), wanted);
        }
        QVERIFY(!QFile::exists(file));
        QCOMPARE(m_engine->access().authenticate(key).error().code, ErrorCode::Unauthorized);
        const auto next = LocalServer::start(*m_engine, {});
        QVERIFY(next);
        QCOMPARE(m_engine->access().authenticate(key).error().code, ErrorCode::Unauthorized);
        QVERIFY(m_engine->access().authenticate((*next)->localKey()));
    }

    void saysThatAnAddressIsTaken()
    {
        const auto first = LocalServer::start(*m_engine, {});
        QVERIFY(first);
        LocalServerOptions options;
        options.listen = {(*first)->addresses().first().sliced(qstrlen("http://"))};
        const auto second = LocalServer::start(*m_engine, options);
        QVERIFY(!second);
        QVERIFY2(second.error().message.contains(u"serves there already"_s),
                 qPrintable(second.error().message));
    }

    void drainingWithoutWorkIsQuick()
    {
        const auto server = LocalServer::start(*m_engine, {});
        QVERIFY(server);
        QElapsedTimer timer;
        timer.start();
        (*server)->drain(60s);
        QVERIFY2(timer.elapsed() < 20'000, QByteArray::number(timer.elapsed()));
        QVERIFY((*server)->keyFile().isEmpty());
    }
};

} // namespace skillbox

QTEST_GUILESS_MAIN(skillbox::TestLocalServer)
#include "test_local_server.moc"
