#include "app/cli/install/skill_offers.h"

#include <QDir>
#include <QProcess>

#include <sys/resource.h>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int gitMilliseconds = 10 * 60 * 1000;
constexpr rlim_t maxGitFileBytes = 1ULL << 30; ///< a repository without its history is smaller

/// The person's environment, without what would point git at another repository, and with what
/// keeps it from asking, from other protocols, and from fetching large files.
QProcessEnvironment gitEnvironment(QProcessEnvironment environment, const QString &location)
{
    const QStringList names = environment.keys();
    for (const QString &name : names) {
        // How to reach a server is the person's; the rest would change what is fetched.
        if (name.startsWith(u"GIT_") && !name.startsWith(u"GIT_SSH") && name != u"GIT_ASKPASS"
            && !name.startsWith(u"GIT_SSL") && !name.startsWith(u"GIT_PROXY"))
            environment.remove(name);
    }
    environment.insert(u"GIT_ALLOW_PROTOCOL"_s,
                       location.startsWith(u"file:") ? u"file"_s : u"https:ssh"_s);
    environment.insert(u"GIT_TERMINAL_PROMPT"_s, u"0"_s);
    environment.insert(u"GIT_LFS_SKIP_SMUDGE"_s, u"1"_s);
    environment.insert(u"LC_ALL"_s, u"C.UTF-8"_s);
    if (!environment.contains(u"GIT_SSH_COMMAND"_s) && !environment.contains(u"GIT_SSH"_s))
        environment.insert(u"GIT_SSH_COMMAND"_s, u"ssh -oBatchMode=yes"_s);
    return environment;
}

/// Runs git in the repository, without a shell. Its own hooks and helpers stay off.
Result<QString> git(const QString &repository, const QProcessEnvironment &environment,
                    const QStringList &arguments)
{
    QProcess process;
    process.setWorkingDirectory(repository);
    process.setProcessEnvironment(environment);
    process.setStandardInputFile(QProcess::nullDevice());
    process.setChildProcessModifier([] {
        const rlimit limit{maxGitFileBytes, maxGitFileBytes};
        setrlimit(RLIMIT_FSIZE, &limit);
    });
    const QStringList safe{
        u"-c"_s, u"core.hooksPath=/dev/null"_s,     u"-c"_s, u"core.fsmonitor=false"_s,
        u"-c"_s, u"submodule.recurse=false"_s,      u"-c"_s, u"transfer.fsckObjects=true"_s,
        u"-c"_s, u"http.followRedirects=initial"_s, u"-c"_s, u"gc.auto=0"_s};
    process.start(u"git"_s, safe + arguments);
    if (!process.waitForStarted()) {
        return fail(ErrorCode::Io,
                    u"git cannot be started: %1; it fetches skills from repositories"_s.arg(
                        process.errorString()));
    }
    if (!process.waitForFinished(gitMilliseconds)) {
        process.kill();
        process.waitForFinished();
        return fail(ErrorCode::Io, u"git did not finish in 10 minutes"_s);
    }
    if (process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0)
        return QString::fromUtf8(process.readAllStandardOutput()).trimmed();
    const QString text = QString::fromUtf8(process.readAllStandardError()).trimmed();
    return fail(ErrorCode::NotFound, text.isEmpty() ? u"git failed"_s : text.left(2000));
}

} // namespace

Result<QList<SkillOffer>> offersOfGit(const InstallSource &source, const QString &scratch,
                                      const ArchiveLimits &limits,
                                      const QProcessEnvironment &personal)
{
    const QProcessEnvironment environment = gitEnvironment(personal, source.location);
    const QString repository = scratch + u"/repository"_s;
    if (!QDir().mkpath(repository))
        return fail(ErrorCode::Io, u"cannot make a temporary folder for the repository"_s);
    const QString reference = source.reference.isEmpty() ? u"HEAD"_s : source.reference;
    const QList<QStringList> steps{
        {u"init"_s, u"--quiet"_s, u"--template="_s},
        {u"fetch"_s, u"--quiet"_s, u"--depth=1"_s, u"--no-tags"_s, u"--no-recurse-submodules"_s,
         u"--"_s, source.location, reference},
        {u"checkout"_s, u"--quiet"_s, u"--detach"_s, u"FETCH_HEAD"_s},
    };
    for (const QStringList &step : steps) {
        if (const auto done = git(repository, environment, step); !done) {
            return fail(done.error().code,
                        u"cannot fetch %1: %2"_s.arg(toText(source), done.error().message));
        }
    }
    const auto commit = git(repository, environment, {u"rev-parse"_s, u"HEAD"_s});
    if (!commit)
        return fail(commit.error());
    auto offers = offersOfFolder(source, repository, limits);
    if (offers) {
        for (SkillOffer &offer : *offers)
            offer.source.resolved = *commit;
    }
    return offers;
}

} // namespace skillbox
