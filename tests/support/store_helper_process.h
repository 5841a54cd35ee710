#pragma once

#include <QCoreApplication>
#include <QList>
#include <QProcess>

#include <grp.h>
#include <unistd.h>

namespace skillbox::test {

/// Another process on the same store; see store_helper.cpp for what it can do.
class HelperProcess
{
public:
    /// As the user `uid` where that is not 0.
    explicit HelperProcess(const QStringList &arguments, uid_t uid = 0)
    {
        if (uid != 0) {
            m_process.setChildProcessModifier([uid] {
                if (::setgroups(0, nullptr) != 0 || ::setgid(uid) != 0 || ::setuid(uid) != 0)
                    ::_exit(70);
            });
        }
        m_process.setProcessChannelMode(QProcess::SeparateChannels);
        m_process.start(QCoreApplication::applicationDirPath() + QStringLiteral("/store_helper"),
                        arguments);
    }
    ~HelperProcess() { kill(); }

    bool starts() { return m_process.waitForStarted(); }
    bool succeeds()
    {
        return m_process.waitForFinished(60'000) && m_process.exitStatus() == QProcess::NormalExit
            && m_process.exitCode() == 0;
    }
    /// Waits until it has written this many whole lines in all.
    bool saysLines(qsizetype count)
    {
        while (lines().size() < count) {
            if (!m_process.waitForReadyRead(60'000))
                return false;
            m_output += m_process.readAllStandardOutput();
        }
        return true;
    }
    void kill()
    {
        if (m_process.state() == QProcess::NotRunning)
            return;
        m_process.kill();
        m_process.waitForFinished();
        m_output += m_process.readAllStandardOutput();
    }
    /// The whole lines so far.
    QList<QByteArray> lines() const
    {
        QList<QByteArray> lines = m_output.split('\n');
        lines.removeLast();
        return lines;
    }
    QString complaint()
    {
        return m_process.errorString() + QStringLiteral(": ")
            + QString::fromLocal8Bit(m_process.readAllStandardError());
    }

private:
    QProcess m_process;
    QByteArray m_output;
};

} // namespace skillbox::test
