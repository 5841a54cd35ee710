#pragma once

#include <QDateTime>
#include <QFrame>
#include <QLabel>
#include <QList>
#include <QObject>
#include <QPointer>
#include <QPushButton>
#include <QTimer>

#include <functional>

namespace skillbox {

enum class NoticeKind { Info, Success, Warning, Error };

/// Something people should know: what happened, and what they can do about it.
struct Notice {
    NoticeKind kind = NoticeKind::Info;
    QString title;
    QString text;
    QString actionTitle = {}; ///< empty: no button
    std::function<void()> action = {};
    QDateTime at = {};
};

/// What was announced since the start, newest last, and the announcing itself. GUI thread.
class Notifications : public QObject
{
    Q_OBJECT

public:
    explicit Notifications(QObject *parent = nullptr);
    void post(Notice notice);
    const QList<Notice> &history() const { return m_history; }
    void clear();

    static constexpr int kept = 200;

Q_SIGNALS:
    void posted(const skillbox::Notice &notice);
    void cleared();

private:
    QList<Notice> m_history;
};

QString noticeBadge(NoticeKind kind); ///< of the style sheet
QString noticeWord(NoticeKind kind);  ///< for people

/// Shows the newest notices in the window's lower right corner, one above the other. Errors stay
/// until they are closed, others go after some seconds unless the mouse is over them.
class ToastArea : public QWidget
{
    Q_OBJECT

public:
    /// Stays on top of `host` and follows its size.
    explicit ToastArea(QWidget *host);
    void show(const Notice &notice);

    static constexpr int shownAtOnce = 3;

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void place();

    QWidget *m_host;
    QList<QPointer<QFrame>> m_toasts;
};

} // namespace skillbox
