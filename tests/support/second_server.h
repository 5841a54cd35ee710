#pragma once

#include "engine/remote/remote_list.h"

#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QProcess>
#include <QRegularExpression>
#include <QTest>

namespace skillbox::test {

/// A real skillbox-server over a store of its own, for tests of what is between two stores.
class SecondServer
{
public:
    /// `directory` is where its store is; started again there, it has what it had.
    SecondServer(QString program, QString directory)
        : m_program(std::move(program))
        , m_directory(std::move(directory))
    {
        QDir().mkpath(m_directory);
    }
    ~SecondServer() { kill(); }

    /// True once it serves; on the address it had before, if it had one.
    bool start()
    {
        QProcessEnvironment environment;
        const QProcessEnvironment ours = QProcessEnvironment::systemEnvironment();
        for (const char *name : {"PATH", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS"}) {
            const QString key = QString::fromLatin1(name);
            if (ours.contains(key))
                environment.insert(key, ours.value(key));
        }
        environment.insert(QStringLiteral("SKILLBOX_DATA_DIR"), m_directory);
        environment.insert(QStringLiteral("HOME"), m_directory);
        m_process.setProcessEnvironment(environment);
        m_process.setProcessChannelMode(QProcess::MergedChannels);
        m_said.clear();
        m_process.start(m_program, {QStringLiteral("--listen"),
                                    m_address.isEmpty() ? QStringLiteral("127.0.0.1:0")
                                                        : m_address.mid(qstrlen("http://"))});
        static const QRegularExpression place(QStringLiteral("serves on (http://[0-9.:]+)"));
        return QTest::qWaitFor(
                   [this] {
                       m_said += m_process.readAll();
                       const auto match = place.match(QString::fromUtf8(m_said));
                       if (match.hasMatch())
                           m_address = match.captured(1);
                       return match.hasMatch();
                   },
                   30'000)
            && readKey();
    }
    void kill()
    {
        m_process.kill();
        m_process.waitForFinished(30'000);
    }

    /// How to reach it, under that name.
    Remote remote(const QString &name) const { return {name, m_address, m_key}; }
    QByteArray said() const { return m_said; }

private:
    bool readKey()
    {
        QFile file(m_directory + QStringLiteral("/local.json"));
        if (!file.open(QIODevice::ReadOnly))
            return false;
        m_key = QJsonDocument::fromJson(file.readAll())[QStringLiteral("key")].toString();
        return !m_key.isEmpty();
    }

    const QString m_program;
    const QString m_directory;
    QProcess m_process;
    QByteArray m_said;
    QString m_address;
    QString m_key;
};

} // namespace skillbox::test
