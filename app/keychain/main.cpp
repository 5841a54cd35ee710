// The session's key ring for programs without an event loop (engine/remote/keychain.h).
//
//   skillbox-keychain get NAME       the secret, to standard output; 3: there is none of that name
//   skillbox-keychain set NAME       the secret, from standard input
//   skillbox-keychain remove NAME
//
// 0: done. 1: no key ring answers, or it stays locked; standard error says why. 2: wrong arguments.

#include <QCoreApplication>
#include <QFile>

#include <qt6keychain/keychain.h>

#include <cstdio>

using namespace Qt::StringLiterals;

namespace {

constexpr qint64 largestSecret = 256 << 10;

QString service()
{
    return u"skillbox"_s;
}

int codeOf(const QKeychain::Job &job)
{
    if (job.error() == QKeychain::NoError)
        return 0;
    if (job.error() == QKeychain::EntryNotFound)
        return 3;
    std::fprintf(stderr, "%s\n", qUtf8Printable(job.errorString()));
    return 1;
}

/// Runs it in the application's event loop; the code to end with.
int finish(QKeychain::Job &job, const QString &name)
{
    job.setAutoDelete(false);
    job.setInsecureFallback(false); // a file of settings is no key ring
    job.setKey(name);
    QObject::connect(&job, &QKeychain::Job::finished, QCoreApplication::instance(),
                     &QCoreApplication::quit, Qt::QueuedConnection);
    job.start();
    QCoreApplication::exec();
    return codeOf(job);
}

int get(const QString &name)
{
    QKeychain::ReadPasswordJob job(service());
    const int code = finish(job, name);
    if (code != 0)
        return code;
    const QByteArray secret = job.binaryData();
    QFile out;
    const bool written = out.open(stdout, QIODevice::WriteOnly)
        && out.write(secret) == secret.size() && out.flush();
    return written ? 0 : 1;
}

int set(const QString &name)
{
    QFile in;
    if (!in.open(stdin, QIODevice::ReadOnly))
        return 1;
    const QByteArray secret = in.read(largestSecret + 1);
    if (secret.isEmpty() || secret.size() > largestSecret) {
        std::fputs("there is no secret on standard input, or a very large one\n", stderr);
        return 1;
    }
    QKeychain::WritePasswordJob job(service());
    job.setBinaryData(secret);
    return finish(job, name);
}

int removeEntry(const QString &name)
{
    QKeychain::DeletePasswordJob job(service());
    const int code = finish(job, name);
    return code == 3 ? 0 : code;
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    const QStringList arguments = QCoreApplication::arguments().sliced(1);
    if (arguments.size() == 2 && !arguments[1].isEmpty()) {
        if (arguments[0] == u"get")
            return get(arguments[1]);
        if (arguments[0] == u"set")
            return set(arguments[1]);
        if (arguments[0] == u"remove")
            return removeEntry(arguments[1]);
    }
    std::fputs("Usage: skillbox-keychain get|set|remove NAME\n", stderr);
    return 2;
}
