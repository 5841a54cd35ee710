#pragma once

#include <QFrame>
#include <QLabel>

#include <functional>

class QHBoxLayout;

namespace skillbox {

/// A line above a text that says what is special about it, with what can be done.
class Banner : public QFrame
{
    Q_OBJECT

public:
    explicit Banner(QWidget *parent = nullptr);

    enum class Kind { Info, Warning, Error };
    struct Action {
        QString title;
        std::function<void()> run;
    };
    /// Replaces what was shown. `id` tells banners apart.
    void show(const QString &id, Kind kind, const QString &text, const QList<Action> &actions);
    /// Hides it if it is this one.
    void dismiss(const QString &id);
    const QString &id() const { return m_id; }
    QString text() const { return m_text->text(); }

private:
    QString m_id;
    QLabel *m_text;
    QHBoxLayout *m_row;
    QList<QWidget *> m_buttons;
};

} // namespace skillbox
