#pragma once

#include <QByteArray>
#include <QJsonValue>
#include <QProcess>
#include <QStringList>
#include <QTemporaryDir>

#include <memory>

namespace skillbox::test {

/// What a finished program left.
struct Finished {
    int code = -1; ///< -1: it did not end by itself
    QString out;
    QString err;

    QJsonValue json() const;
    QString all() const { return out + err; }
};

/// A person's place: a data directory and a working folder of their own, and the real program.
class Sandbox
{
public:
    Sandbox();

    QString path(const QString &name) const
    {
        return m_dir.filePath(QStringLiteral("work/") + name);
    }
    QString dataDirectory() const { return m_dir.filePath(QStringLiteral("data")); }
    QProcessEnvironment environment() const { return m_environment; }
    void setVariable(const QString &name, const QString &value)
    {
        m_environment.insert(name, value);
    }

    /// Runs `skillbox arguments…` to its end.
    Finished run(const QStringList &arguments, const QByteArray &input = {}) const;
    /// Starts it and returns at once.
    std::unique_ptr<QProcess> start(const QStringList &arguments) const;
    static Finished finish(QProcess &process);

    void write(const QString &name, const QByteArray &bytes) const;
    QByteArray read(const QString &name) const;
    /// A skill folder of one script; the extension of `script` is its language.
    void writeSkill(const QString &name, const QString &script, const QByteArray &code,
                    const QByteArray &frontMatter = {}) const;

private:
    QTemporaryDir m_dir;
    QProcessEnvironment m_environment;
};

/// Ids, digests, times and durations replaced by their names, so that what is left is the same each
/// time.
QString normalised(QString text);

/// Compares with the file of that name; rewrites it when SKILLBOX_UPDATE_GOLDEN is set. An empty
/// text: equal. Else what differs.
QString differenceFromGolden(const QString &name, const QString &text);

} // namespace skillbox::test
