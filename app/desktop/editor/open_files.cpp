#include "app/desktop/editor/open_files.h"

#include "app/desktop/editor/banner.h"
#include "app/desktop/editor/dialogs.h"
#include "app/desktop/editor/problems_model.h"
#include "app/desktop/theme/icons.h"
#include "app/desktop/widgets/controls.h"

#include <QFileInfo>
#include <QMouseEvent>
#include <QTabBar>
#include <QToolButton>

#include <memory>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qsizetype mostRemembered = 30;

} // namespace

OpenFiles::OpenFiles(DraftFiles &files, QWidget *parent) : QTabWidget(parent), m_files(files)
{
    setObjectName(u"editor.tabs"_s);
    setDocumentMode(true);
    setMovable(true);
    setElideMode(Qt::ElideMiddle);
    setUsesScrollButtons(true);
    tabBar()->setAccessibleName(tr("Open files"));
    tabBar()->setExpanding(false);
    tabBar()->setDrawBase(false);
    tabBar()->installEventFilter(this);
    connect(this, &QTabWidget::currentChanged, this, &OpenFiles::currentStateChanged);
}

DocumentView *OpenFiles::current() const
{
    return static_cast<DocumentView *>(currentWidget());
}

QList<DocumentView *> OpenFiles::documents() const
{
    QList<DocumentView *> list;
    for (int i = 0; i < count(); ++i)
        list.append(static_cast<DocumentView *>(widget(i)));
    return list;
}

DocumentView *OpenFiles::find(const QString &project, const QString &file) const
{
    for (DocumentView *view : documents()) {
        if (view->project() == project && view->file() == file)
            return view;
    }
    return nullptr;
}

DocumentView *OpenFiles::open(const QString &project, const QString &file)
{
    if (DocumentView *view = find(project, file)) {
        setCurrentWidget(view);
        return view;
    }
    auto *view = new DocumentView(m_files, project, file, this);
    view->applyTheme(m_theme);
    connect(view, &DocumentView::edited, this, [this, view] { Q_EMIT edited(view); });
    connect(view, &DocumentView::saved, this, [this, view] { Q_EMIT saved(view); });
    connect(view, &DocumentView::stateChanged, this, [this, view] {
        label(view);
        if (view == current())
            Q_EMIT currentStateChanged();
    });
    connect(view, &DocumentView::diffWanted, this,
            [this, view](const QByteArray &disk, const QByteArray &mine) {
                showChange(window(), m_theme,
                           {tr("%1: on disk, and here").arg(view->file()),
                            {},
                            {{view->file(), disk}},
                            {{view->file(), mine}}},
                           {});
            });
    const int index = addTab(view, QFileInfo(file).fileName());
    auto *close = new QToolButton;
    close->setAccessibleName(tr("Close %1").arg(file));
    close->setToolTip(tr("Close"));
    close->setFocusPolicy(Qt::NoFocus);
    close->setIconSize(QSize(12, 12));
    connect(close, &QToolButton::clicked, this, [this, view] { closeTab(view); });
    tabBar()->setTabButton(index, QTabBar::RightSide, close);
    label(view);
    setCurrentIndex(index);
    Q_EMIT opened(view);
    return view;
}

void OpenFiles::label(DocumentView *view)
{
    const int index = indexOf(view);
    if (index < 0)
        return;
    const QString name = QFileInfo(view->file()).fileName();
    // Two of a name are told apart by their skill.
    bool isUnique = true;
    for (const DocumentView *other : documents())
        isUnique = isUnique && (other == view || QFileInfo(other->file()).fileName() != name);
    const QString title = isUnique ? name
                                   : u"%1 – %2"_s.arg(name, QFileInfo(view->project()).fileName());
    setTabText(index, view->isDirty() ? u"● "_s + title : title);
    setTabToolTip(index,
                  plainToolTip(view->isDirty() ? tr("%1 (not saved)").arg(view->path())
                                               : view->path()));
    if (m_theme.id().isEmpty())
        return;
    if (auto *close = qobject_cast<QToolButton *>(tabBar()->tabButton(index, QTabBar::RightSide)))
        close->setIcon(themedIcon(u"close"_s, m_theme, ColorRole::Muted));
    const auto severities = m_severities.value(view->project());
    const auto worst = severities.constFind(view->file());
    setTabIcon(index,
               worst == severities.cend()
                   ? QIcon()
                   : themedIcon(severityIcon(*worst), m_theme, severityColor(*worst),
                                severityColor(*worst)));
}

void OpenFiles::setSeverities(const QString &project, const QHash<QString, Severity> &worst)
{
    if (m_severities.value(project) == worst)
        return;
    m_severities.insert(project, worst);
    for (DocumentView *view : documents()) {
        if (view->project() == project)
            label(view);
    }
}

QHash<QString, QByteArray> OpenFiles::unsavedOf(const QString &project) const
{
    QHash<QString, QByteArray> unsaved;
    for (DocumentView *view : documents()) {
        if (view->project() == project && view->isDirty()
            && view->state() == DocumentView::State::Editable)
            unsaved.insert(view->file(), view->bytes());
    }
    return unsaved;
}

bool OpenFiles::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == tabBar() && event->type() == QEvent::MouseButtonRelease) {
        const auto *mouse = static_cast<QMouseEvent *>(event);
        const int index = tabBar()->tabAt(mouse->position().toPoint());
        if (mouse->button() == Qt::MiddleButton && index >= 0) {
            closeTab(static_cast<DocumentView *>(widget(index)));
            return true;
        }
    }
    return QTabWidget::eventFilter(watched, event);
}

void OpenFiles::drop(DocumentView *view)
{
    m_closed.append({view->project(), view->file()});
    if (m_closed.size() > mostRemembered)
        m_closed.removeFirst();
    removeTab(indexOf(view));
    Q_EMIT closed(view->project(), view->file());
    view->deleteLater();
}

void OpenFiles::closeTab(DocumentView *view)
{
    if (!view)
        return;
    if (!view->isDirty() || view->state() != DocumentView::State::Editable) {
        drop(view);
        return;
    }
    askToSave(window(), view->file(), [this, guard = QPointer<DocumentView>(view)](bool save) {
        if (!guard)
            return;
        if (!save) {
            drop(guard);
            return;
        }
        guard->save([this, guard](bool saved) {
            if (saved && guard)
                drop(guard);
        });
    });
}

void OpenFiles::closeAllOf(const QString &project)
{
    for (DocumentView *view : documents()) {
        if (view->project() == project)
            closeTab(view);
    }
}

void OpenFiles::reopenClosed()
{
    while (!m_closed.isEmpty()) {
        const auto [project, file] = m_closed.takeLast();
        if (find(project, file))
            continue;
        open(project, file);
        return;
    }
}

void OpenFiles::saveAll(const QString &project, std::function<void(bool)> done)
{
    QList<DocumentView *> dirty;
    for (DocumentView *view : documents()) {
        if ((project.isEmpty() || view->project() == project) && view->isDirty()
            && view->state() == DocumentView::State::Editable)
            dirty.append(view);
    }
    if (dirty.isEmpty()) {
        if (done)
            done(true);
        return;
    }
    struct Progress {
        qsizetype left;
        bool all = true;
    };
    auto progress = std::make_shared<Progress>(Progress{dirty.size()});
    for (DocumentView *view : dirty) {
        view->save([progress, done](bool saved) {
            progress->all = progress->all && saved;
            if (--progress->left == 0 && done)
                done(progress->all);
        });
    }
}

void OpenFiles::apply(const QString &project, const QHash<QString, QByteArray> &before,
                      const QHash<QString, QByteArray> &after)
{
    DocumentView *front = current();
    for (auto it = after.cbegin(); it != after.cend(); ++it) {
        DocumentView *view = find(project, it.key());
        // What was agreed to was made for this text and no other.
        if (!view) {
            view = open(project, it.key());
            view->changeWhenLoaded(before.value(it.key()), *it);
        } else if (view->state() == DocumentView::State::Editable
                   && view->bytes() == before.value(it.key())) {
            view->setBytes(*it);
        }
    }
    if (front)
        setCurrentWidget(front);
    if (DocumentView *view = current())
        view->editor().setFocus(Qt::OtherFocusReason);
}

void OpenFiles::renamed(const QString &project, const QString &from, const QString &to)
{
    for (DocumentView *view : documents()) {
        if (view->project() != project)
            continue;
        if (view->file() == from)
            view->setFile(project, to);
        else if (view->file().startsWith(from + u'/'))
            view->setFile(project, to + view->file().sliced(from.size()));
    }
}

void OpenFiles::applyTheme(const Theme &theme)
{
    m_theme = theme;
    for (DocumentView *view : documents()) {
        view->applyTheme(theme);
        label(view);
    }
}

} // namespace skillbox
