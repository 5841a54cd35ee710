#include "app/desktop/editor/problems_model.h"

#include "app/desktop/theme/icons.h"
#include "app/desktop/widgets/controls.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {

QString severityIcon(Severity severity)
{
    switch (severity) {
    case Severity::Error: return u"error"_s;
    case Severity::Warning: return u"warning"_s;
    case Severity::Info: break;
    }
    return u"info"_s;
}

ColorRole severityColor(Severity severity)
{
    switch (severity) {
    case Severity::Error: return ColorRole::Error;
    case Severity::Warning: return ColorRole::Warning;
    case Severity::Info: break;
    }
    return ColorRole::Info;
}

namespace {

bool looksAlike(const Finding &a, const Finding &b)
{
    return a.id == b.id && a.severity == b.severity && a.range.line == b.range.line
        && a.file == b.file && a.message == b.message && a.hint == b.hint;
}

} // namespace

void ProblemsModel::setFindings(QList<Finding> findings)
{
    // While one types prose the answers differ in nothing that a row shows.
    if (std::equal(findings.cbegin(), findings.cend(), m_findings.cbegin(), m_findings.cend(),
                   looksAlike)) {
        m_findings = std::move(findings);
        return;
    }
    beginResetModel();
    m_findings = std::move(findings);
    endResetModel();
}

int ProblemsModel::count(Severity severity) const
{
    return static_cast<int>(
        std::count_if(m_findings.cbegin(), m_findings.cend(),
                      [severity](const Finding &one) { return one.severity == severity; }));
}

void ProblemsModel::applyTheme(const Theme &theme)
{
    m_theme = theme;
    if (!m_findings.isEmpty())
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, 0), {Qt::DecorationRole});
}

int ProblemsModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_findings.size());
}

int ProblemsModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant ProblemsModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= m_findings.size())
        return {};
    const Finding &finding = m_findings.at(index.row());
    switch (role) {
    case Qt::DisplayRole:
        switch (index.column()) {
        case MessageColumn:
            return finding.message.isEmpty()
                ? QString()
                : finding.message.front().toUpper() + finding.message.sliced(1);
        case FileColumn: return finding.file;
        case LineColumn:
            return finding.range.line > 0 ? QString::number(finding.range.line) : QString();
        case RuleColumn: return finding.id;
        default: return {};
        }
    case Qt::DecorationRole:
        if (index.column() == MessageColumn && !m_theme.id().isEmpty())
            return themedIcon(severityIcon(finding.severity), m_theme,
                              severityColor(finding.severity));
        return {};
    case Qt::ToolTipRole:
        return plainToolTip(finding.hint.isEmpty() ? finding.message
                                                   : finding.message + u'\n' + finding.hint);
    case Qt::AccessibleTextRole:
        return index.column() == MessageColumn
            ? u"%1: %2"_s.arg(severityName(finding.severity), finding.message)
            : data(index, Qt::DisplayRole);
    case Qt::TextAlignmentRole:
        return index.column() == LineColumn ? QVariant(Qt::AlignRight | Qt::AlignVCenter)
                                            : QVariant();
    case SeverityRole: return static_cast<int>(finding.severity);
    case SortRole:
        return index.column() == LineColumn ? QVariant(finding.range.line)
            : index.column() == MessageColumn
            ? QVariant(u"%1%2"_s.arg(2 - static_cast<int>(finding.severity)).arg(finding.message))
            : data(index, Qt::DisplayRole);
    default: return {};
    }
}

QVariant ProblemsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case MessageColumn: return tr("Problem");
    case FileColumn: return tr("File");
    case LineColumn: return tr("Line");
    case RuleColumn: return tr("Rule");
    default: return {};
    }
}

} // namespace skillbox
