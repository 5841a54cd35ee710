#pragma once

#include "app/desktop/theme/theme.h"

#include <QFutureWatcher>
#include <QWidget>

#include <memory>

class QLabel;
class QToolButton;

namespace skillbox {

class DiffCanvas;
class StateView;
struct DiffRows;

/// Two texts and what differs between them: beside each other with aligned lines, or as in a patch;
/// with marks within lines and steps from difference to difference (F7, Shift+F7). Texts that are
/// long are compared beside the GUI thread. GUI thread.
class DiffView : public QWidget
{
    Q_OBJECT

public:
    explicit DiffView(QWidget *parent = nullptr);
    ~DiffView() override;
    /// `fileName` is what both are called; it may be empty.
    void setTexts(const QString &leftTitle, const QString &left, const QString &rightTitle,
                  const QString &right, const QString &fileName = {});
    /// Instead of a comparison: why there is none.
    void showMessage(const QString &icon, const QString &title, const QString &text);
    void applyTheme(const Theme &theme);

    bool isUnified() const;
    void setUnified(bool unified);
    /// How many differences there are; 0 while it is being compared.
    int differences() const;

public Q_SLOTS:
    void showNext();
    void showPrevious();

Q_SIGNALS:
    /// The texts set last are compared and shown.
    void compared();

private:
    void showRows(std::shared_ptr<const DiffRows> rows);
    void step(int by);
    void tellPlace();

    QLabel *m_leftTitle;
    QLabel *m_rightTitle;
    QLabel *m_place;
    QLabel *m_note;
    QToolButton *m_previous;
    QToolButton *m_next;
    QToolButton *m_unified;
    DiffCanvas *m_canvas;
    StateView *m_state;
    std::shared_ptr<const DiffRows> m_rows;
    QFutureWatcher<std::shared_ptr<const DiffRows>> m_comparison;
    bool m_sameText = false;
    Theme m_theme;
};

} // namespace skillbox
