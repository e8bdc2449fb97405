//! The frame.

use archipel_fleet::Fleet;
use ratatui::{Frame, layout::Rect};

use super::{
    App,
    place::{Focus, Pane},
};
use crate::{
    format,
    now::Now,
    screen::Screen,
    subject::Subject,
    theme::Role,
    views::{Cx, health, instead_of_fleet, machine, subject_title, top},
    widgets::{
        frame,
        pen::{Pen, Span, below, inset, line, span, width_of},
    },
};

/// From this width on the roster has a place of its own.
const SIDE_BY_SIDE: u16 = 100;

impl App {
    /// Draws a frame.
    pub fn draw(&mut self, frame: &mut Frame<'_>, fleet: &Fleet, now: Now) {
        self.refresh(fleet, now);
        let theme = self.options.theme.clone();
        let area = frame.area();
        let mut pen = Pen::new(frame.buffer_mut(), &theme, self.options.glyphs);
        pen.fill(area, Role::Text);
        self.draw_all(&mut pen, area, fleet, now);
        self.built = pen.built;
        let cursor = pen.cursor;
        if let Some(position) = cursor {
            frame.set_cursor_position(position);
        }
        self.dirty = false;
    }

    fn draw_all(&mut self, pen: &mut Pen<'_>, area: Rect, fleet: &Fleet, now: Now) {
        let marks = std::mem::take(&mut self.marks);
        let cx = Cx {
            fleet,
            now,
            marks: &marks,
        };
        let who = top::Who {
            profile: &self.options.profile,
            account: &self.options.account,
            read_only: self.options.read_only,
        };
        top::draw(pen, line(area, 0), &who, cx);
        let body = below(area, 1);
        let body = Rect {
            height: body.height.saturating_sub(1),
            ..body
        };
        self.draw_body(pen, body, cx);
        self.draw_bottom(
            pen,
            below(area, usize::from(area.height).saturating_sub(1)),
            cx,
        );
        self.draw_layers(pen, area, cx);
        self.marks = marks;
        self.draw_menu(pen, area, fleet);
    }

    fn draw_body(&mut self, pen: &mut Pen<'_>, area: Rect, cx: Cx<'_>) {
        if self.place.screen != Screen::Fleet {
            return self.draw_screen(pen, area, cx);
        }
        let roster_focused = self.place.focus == Focus::Roster;
        if area.width >= SIDE_BY_SIDE && self.place.roster {
            let width = (area.width * 28 / 100).clamp(40, 56);
            self.views
                .roster
                .draw(pen, Rect { width, ..area }, cx, roster_focused);
            self.draw_detail(
                pen,
                Rect {
                    x: area.x + width,
                    width: area.width - width,
                    ..area
                },
                cx,
            );
            return;
        }
        self.draw_detail(pen, area, cx);
        if self.place.roster && roster_focused {
            pen.tint(area, Role::Faint);
            let roster = Rect {
                width: area.width.min(46),
                ..area
            };
            pen.fill(roster, Role::Text);
            self.views.roster.draw(pen, roster, cx, true);
        }
    }

    fn draw_screen(&mut self, pen: &mut Pen<'_>, area: Rect, cx: Cx<'_>) {
        let title = self.screen_title(cx);
        let inner = inset(frame::pane(pen, area, &title, Role::BorderFocused));
        let views = &mut self.views;
        match self.place.screen {
            Screen::Fleet => {}
            Screen::Vms => views.all_vms.draw(pen, inner, cx, true),
            Screen::Hypervisors => views.all_hosts.draw(pen, inner, cx, true),
            Screen::Messages => views.messages.draw(pen, inner, cx),
            Screen::Tasks => views.tasks.draw(pen, inner, cx),
            Screen::Events => views.events.draw(pen, inner, cx, true),
        }
    }

    fn screen_title(&mut self, cx: Cx<'_>) -> Vec<Span> {
        let (title, shown, all) = match self.place.screen {
            Screen::Vms => {
                let (shown, all) = self.views.all_vms.counts();
                ("Machines", shown, all)
            }
            Screen::Hypervisors => (
                "Hypervisors",
                self.views.all_hosts.rows.len(),
                self.views.all_hosts.rows.len(),
            ),
            Screen::Messages => (
                "Messages",
                self.views.messages.rows.len(),
                cx.fleet.notices().len(),
            ),
            Screen::Tasks => ("Tasks", cx.fleet.runs().len(), cx.fleet.runs().len()),
            Screen::Fleet | Screen::Events => {
                ("Events", self.views.events.rows.len(), cx.fleet.log().len())
            }
        };
        let count = if shown == all {
            format!(" {all}")
        } else {
            format!(" {shown} of {all}")
        };
        let mut spans = vec![span(Role::Title, title), span(Role::Dim, count)];
        if let Some(filter) = self.filter().filter(|filter| !filter.is_empty()) {
            spans.push(span(
                Role::Match,
                format!(" /{}", format::cut(filter.text(), 40, "…")),
            ));
        }
        spans
    }

    fn draw_detail(&mut self, pen: &mut Pen<'_>, area: Rect, cx: Cx<'_>) {
        let subject = self.subject();
        let title = subject_title::title(&subject, cx, pen.glyphs);
        let border = if self.place.focus == Focus::Detail {
            Role::BorderFocused
        } else {
            Role::Border
        };
        let inner = inset(frame::pane(pen, area, &title, border));
        if subject == Subject::Fleet {
            // With the roster beside it, it would say the same twice.
            if area.width < SIDE_BY_SIDE || !self.place.roster {
                instead_of_fleet(cx).draw(pen, inner);
            }
            return;
        }
        self.draw_tabs(pen, line(inner, 0), &subject);
        self.draw_tab(pen, below(inner, 2), &subject, cx);
    }

    fn draw_tabs(&mut self, pen: &mut Pen<'_>, area: Rect, subject: &Subject) {
        let tab = self.tab();
        let mut spans = Vec::new();
        for other in Self::tabs_of(subject) {
            let role = if *other == tab {
                Role::Tab
            } else {
                Role::TabIdle
            };
            spans.extend([span(role, other.title()), span(Role::Text, "  ")]);
        }
        if self.place.focus == Focus::Detail
            && let Some(filter) = self.filter().filter(|filter| !filter.is_empty())
        {
            spans.push(span(
                Role::Match,
                format!(" /{}", format::cut(filter.text(), 30, "…")),
            ));
        }
        pen.spans(area, &spans);
        let ranges = health::ranges(self.range);
        if self.detail_pane() == Pane::Health
            && width_of(&spans) + width_of(&ranges) < usize::from(area.width)
        {
            pen.spans_right(area, &ranges);
        }
    }

    fn draw_tab(&mut self, pen: &mut Pen<'_>, area: Rect, subject: &Subject, cx: Cx<'_>) {
        let focused = self.place.focus == Focus::Detail;
        match (self.detail_pane(), subject) {
            (Pane::Vms, _) => self.views.vms.draw(pen, area, cx, focused),
            (Pane::Hosts, _) => self.views.hosts.draw(pen, area, cx, focused),
            (Pane::Log, _) => self.views.log.draw(pen, area, cx, focused),
            (Pane::Overview, Subject::Vm(vm)) => machine::draw(pen, area, vm, cx),
            (Pane::Page(tab), Subject::Vm(vm)) => {
                let pages = self.views.pages.as_mut().filter(|pages| pages.vm == *vm);
                if let Some(pages) = pages {
                    pages.draw(tab, pen, area, cx, focused);
                }
            }
            (_, Subject::Host(id)) => {
                if let Some(host) = cx.fleet.hypervisor(id) {
                    health::draw(pen, area, host, self.range, cx);
                }
            }
            _ => {}
        }
    }
}
