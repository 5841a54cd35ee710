#include "app/cli/install/skill_installer.h"

#include "engine/base/clock.h"
#include "engine/base/ids.h"
#include "engine/skill/lint.h"
#include "engine/skill/rules.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QFileInfo>
#include <QScopeGuard>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int lockWaitMilliseconds = 10'000;

/// An agent's skills are edited by people: writable for their owner.
void makeEditable(const QString &directory)
{
    QDirIterator it(directory, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
    while (it.hasNext()) {
        const QString path = it.next();
        QFile::setPermissions(path,
                              QFile::permissions(path) | QFile::WriteOwner | QFile::WriteUser);
    }
}

/// Errors of the checker that nobody has accepted.
QList<Finding> refusals(const QList<Finding> &findings, const InstallConsent &consent)
{
    QList<Finding> refused;
    for (const Finding &finding : findings) {
        if (finding.severity != Severity::Error)
            continue;
        const bool isAccepted = isSecurityRule(finding.id)
            ? consent.acceptedRules.contains(finding.id, Qt::CaseInsensitive)
            : consent.force;
        if (!isAccepted)
            refused += finding;
    }
    return refused;
}

tl::unexpected<Error> refused(const QString &name, const QList<Finding> &findings)
{
    Error error{ErrorCode::InvalidSkill,
                u"%1 is not installed: the checker refuses it"_s.arg(name)};
    QStringList rules;
    bool onlyWriting = true;
    for (const Finding &finding : findings) {
        error.message += u'\n' + toText(finding);
        if (isSecurityRule(finding.id)) {
            onlyWriting = false;
            if (!rules.contains(finding.id))
                rules += finding.id;
        }
    }
    error.message += onlyWriting
        ? u"\n--force installs it all the same"_s
        : u"\nif you have read it and trust it: --accept %1"_s.arg(rules.join(u" --accept "_s));
    return fail(std::move(error));
}

} // namespace

/// A skill that has come in and lies beside its place.
struct SkillInstaller::Candidate {
    QString staged;
    InstalledSkill skill;
    QList<Finding> findings;
};

SkillInstaller::SkillInstaller(QString folder, const ArchiveLimits &limits, InstallLock lock)
    : m_folder(std::move(folder))
    , m_limits(limits)
    , m_lock(std::move(lock))
{
}

SkillInstaller::~SkillInstaller() = default;

Result<std::unique_ptr<SkillInstaller>> SkillInstaller::open(const QString &folder,
                                                             const ArchiveLimits &limits)
{
    if (!QDir().mkpath(folder))
        return fail(ErrorCode::Io, u"cannot make the folder '%1'"_s.arg(folder));
    auto guard = std::make_unique<QLockFile>(QDir(folder).filePath(installLockName() + u".lock"_s));
    guard->setStaleLockTime(0); // only of processes that are gone
    if (!guard->tryLock(lockWaitMilliseconds)) {
        return guard->error() == QLockFile::LockFailedError
            ? fail(ErrorCode::Busy, u"another skillbox is at work in '%1'"_s.arg(folder))
            : fail(ErrorCode::Io, u"cannot write to '%1'"_s.arg(folder));
    }
    auto lock = InstallLock::read(folder);
    if (!lock)
        return fail(lock.error());
    std::unique_ptr<SkillInstaller> installer(new SkillInstaller(folder, limits, std::move(*lock)));
    installer->m_guard = std::move(guard);
    return installer;
}

QString SkillInstaller::pathOf(const QString &name) const
{
    return QDir(m_folder).filePath(name);
}

QString SkillInstaller::temporaryPath() const
{
    return pathOf(u".skillbox-%1.tmp"_s.arg(newUuid()));
}

Result<SkillInstaller::Candidate> SkillInstaller::examine(const SkillOffer &offer)
{
    const QString archive = temporaryPath();
    const auto removeArchive = qScopeGuard([&archive] { QFile::remove(archive); });
    if (auto fetched = offer.fetch(archive); !fetched)
        return fail(fetched.error());
    Candidate candidate{.staged = temporaryPath(), .skill = {}, .findings = {}};
    auto removeStaged = qScopeGuard([path = candidate.staged] { QDir(path).removeRecursively(); });
    const auto content = unpackArchive(archive, candidate.staged, m_limits);
    if (!content)
        return fail(content.error());
    if (!offer.digest.isEmpty() && offer.digest != content->digest) {
        return fail(ErrorCode::InvalidSkill,
                    u"%1 is not what its source says: it has the digest %2 instead of %3"_s.arg(
                        offer.name, content->digest, offer.digest));
    }
    LintOptions options;
    options.folderName = FolderName::Arbitrary;
    options.suppressions = Suppressions::NotSecurityErrors;
    LintReport report = lintSkill(candidate.staged, options);
    candidate.findings = std::move(report.findings);
    const QString name = report.manifest ? report.manifest->name : QString();
    if (!isInstallName(name)) {
        return fail(ErrorCode::InvalidSkill,
                    report.manifest
                        ? u"a skill called \"%1\" cannot have a folder"_s.arg(name.left(100))
                        : u"the SKILL.md of %1 cannot be read"_s.arg(
                            offer.name.isEmpty() ? toText(offer.source) : offer.name));
    }
    if (!offer.name.isEmpty() && offer.name != name) {
        return fail(ErrorCode::InvalidSkill,
                    u"the source calls the skill %1, its SKILL.md says %2"_s.arg(offer.name, name));
    }
    candidate.skill = {.name = name,
                       .version = report.manifest->version,
                       .digest = content->digest,
                       .source = offer.source,
                       .installedAt = nowUtc(),
                       .files = InstalledSkill::filesOf(*content)};
    removeStaged.dismiss();
    return candidate;
}

/// Whether the name is free, or taken by what we installed and nobody changed.
Result<void> SkillInstaller::requirePlace(const QString &name, const InstallConsent &consent) const
{
    const QFileInfo info(pathOf(name));
    if (consent.force || (!info.exists() && !info.isSymLink()))
        return {};
    const InstalledSkill *installed = m_lock.find(name);
    if (!installed) {
        return fail(
            ErrorCode::BadRequest,
            u"'%1' is there already and was not installed by skillbox; --force replaces it"_s.arg(
                info.filePath()));
    }
    if (!differenceOf(m_folder, *installed, m_limits).isNone()) {
        return fail(
            ErrorCode::BadRequest,
            u"%1 was changed since it was installed; skillbox skill check says how, --force "
            "does away with the changes"_s.arg(name));
    }
    return {};
}

Result<void> SkillInstaller::replace(const QString &name, const QString &staged)
{
    const QString target = pathOf(name);
    const QString old = temporaryPath();
    const QFileInfo info(target);
    const bool isThere = info.exists() || info.isSymLink();
    const auto failed = [&target] {
        return fail(ErrorCode::Io, u"cannot write '%1'"_s.arg(target));
    };
    if (isThere && !QFile::rename(target, old))
        return failed();
    if (!staged.isEmpty() && !QFile::rename(staged, target)) {
        if (isThere)
            QFile::rename(old, target);
        return failed();
    }
    // A link goes, what it leads to stays.
    if (isThere && QFileInfo(old).isSymLink())
        QFile::remove(old);
    else if (isThere)
        QDir(old).removeRecursively();
    return {};
}

Result<InstallOutcome> SkillInstaller::install(const SkillOffer &offer,
                                               const InstallConsent &consent)
{
    auto candidate = examine(offer);
    if (!candidate)
        return fail(candidate.error());
    const auto removeStaged = qScopeGuard(
        [path = candidate->staged] { QDir(path).removeRecursively(); });
    const QString name = candidate->skill.name;
    if (const auto errors = refusals(candidate->findings, consent); !errors.isEmpty())
        return refused(name, errors);
    if (auto free = requirePlace(name, consent); !free)
        return fail(free.error());

    InstallOutcome outcome{.skill = candidate->skill, .findings = candidate->findings};
    const InstalledSkill *installed = m_lock.find(name);
    if (installed) {
        outcome.previousDigest = installed->digest;
        outcome.change = installed->digest == outcome.skill.digest
                && differenceOf(m_folder, *installed, m_limits).isNone()
            ? InstallChange::Unchanged
            : InstallChange::Updated;
    }
    if (outcome.change != InstallChange::Unchanged) {
        makeEditable(candidate->staged);
        if (auto replaced = replace(name, candidate->staged); !replaced)
            return fail(replaced.error());
    }
    m_lock.insert(outcome.skill);
    if (auto written = m_lock.write(); !written)
        return fail(written.error());
    return outcome;
}

Result<InstallOutcome> SkillInstaller::look(const SkillOffer &offer)
{
    const auto candidate = examine(offer);
    if (!candidate)
        return fail(candidate.error());
    QDir(candidate->staged).removeRecursively();
    InstallOutcome outcome{.skill = candidate->skill, .findings = candidate->findings};
    if (const InstalledSkill *installed = m_lock.find(outcome.skill.name)) {
        outcome.previousDigest = installed->digest;
        outcome.change = installed->digest == outcome.skill.digest ? InstallChange::Unchanged
                                                                   : InstallChange::Updated;
    }
    return outcome;
}

Result<void> SkillInstaller::remove(const QString &name, const InstallConsent &consent)
{
    const InstalledSkill *installed = m_lock.find(name);
    if (!installed) {
        return fail(ErrorCode::NotFound,
                    u"%1 was not installed in '%2' by skillbox"_s.arg(name, m_folder));
    }
    const auto difference = differenceOf(m_folder, *installed, m_limits);
    if (!consent.force && !difference.isMissing && !difference.isNone()) {
        return fail(ErrorCode::BadRequest,
                    u"%1 was changed since it was installed; --force removes it all the same"_s.arg(
                        name));
    }
    if (auto gone = replace(name, {}); !gone)
        return gone;
    m_lock.remove(name);
    return m_lock.write();
}

InstallDifference differenceOf(const QString &folder, const InstalledSkill &skill,
                               const ArchiveLimits &limits)
{
    InstallDifference difference;
    const QString path = QDir(folder).filePath(skill.name);
    const QFileInfo info(path);
    if (info.isSymLink()) {
        difference.problem = u"it is a link now"_s;
        return difference;
    }
    if (!info.isDir()) {
        difference.isMissing = true;
        return difference;
    }
    const auto content = describeDirectory(path, limits);
    if (!content) {
        difference.problem = content.error().message;
        return difference;
    }
    if (content->digest == skill.digest)
        return difference;
    const QMap<QString, QString> files = InstalledSkill::filesOf(*content);
    for (auto it = files.cbegin(); it != files.cend(); ++it) {
        if (!skill.files.contains(it.key()))
            difference.added += it.key();
        else if (skill.files.value(it.key()) != it.value())
            difference.changed += it.key();
    }
    for (auto it = skill.files.cbegin(); it != skill.files.cend(); ++it) {
        if (!files.contains(it.key()))
            difference.removed += it.key();
    }
    if (difference.isNone()) // then it is in the modes, or the lock was changed
        difference.problem = u"a file's executable bit, or the lock file, was changed"_s;
    return difference;
}

QStringList unknownSkills(const QString &folder, const InstallLock &lock)
{
    QStringList unknown;
    for (const QString &name : QDir(folder).entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
        if (!lock.find(name) && QFileInfo(folder + u'/' + name + u"/SKILL.md"_s).isFile())
            unknown += name;
    }
    return unknown;
}

} // namespace skillbox
