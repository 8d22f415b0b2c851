//! `/v1/vehicles`.

use axum::{Json, extract::State, response::IntoResponse};
use forecourt_api::{
    App, Who,
    body::Body,
    operation::{Operation, Route},
    path::Path,
    problem::ApiResult,
    query::Query,
};
use forecourt_crm::{
    Caller,
    vehicle::{VehicleFields, VehicleQuery},
};
use forecourt_record::{DistanceUnit, Result, Right, error::Code};
use http::{StatusCode, header::LOCATION};
use serde_json::json;

use crate::{
    convert, error,
    wire::{Listed, NewVehicle, Vehicle, VehicleChange, VehicleListQuery},
};

async fn unit(app: &App, caller: &Caller) -> Result<DistanceUnit> {
    Ok(app.crm.config(caller.dealer).await?.dealer.doc.distance_unit)
}

pub fn list() -> Route<App> {
    Operation::get("/v1/vehicles")
        .name("vehicle_list")
        .right(Right::VehicleRead)
        .summary("List vehicles across locations.")
        .describes("Newest first. `total` is exact. Make and model are compared without case and accents.")
        .query::<VehicleListQuery>()
        .answers::<Listed<Vehicle>>(200, "A page of vehicles.")
        .handler(
            async |State(app): State<App>,
                   who: Who,
                   Query(query): Query<VehicleListQuery>|
                   -> ApiResult<Json<Listed<Vehicle>>> {
                let page = query.page;
                let unit = unit(&app, &who.caller).await?;
                let hundredths = |price: f64| (price * 100.0).round() as i64;
                let query = VehicleQuery {
                    make: query.make,
                    model: query.model,
                    year: query.year,
                    min_price: query.min_price.map(hundredths),
                    max_price: query.max_price.map(hundredths),
                    max_mileage: query.max_miles.map(|miles| convert::to_km(miles, unit)),
                    status: query.status.map(convert::vehicle_status),
                    location: query.location,
                    vin: query.vin.map(|vin| vin.to_uppercase()),
                    text: query.q.filter(|text| !text.trim().is_empty()),
                    skip: page.offset() as i64,
                    limit: i64::from(page.limit),
                };
                let (cars, config) = app.crm.vehicle_list(&who.caller, query).await.map_err(error::in_query)?;
                let data = cars.items.iter().map(|car| convert::vehicle(car, &config)).collect();
                Ok(Json(Listed { data, page: page.page, limit: page.limit, total: cars.total }))
            },
        )
}

pub fn add() -> Route<App> {
    Operation::post("/v1/vehicles")
        .name("vehicle_add")
        .right(Right::VehicleWrite)
        .summary("Add a vehicle to inventory.")
        .describes(
            "A VIN has 17 characters without I, O and Q; where its maker is North American, its check digit must hold. \
             It belongs to one unsold vehicle at a time.",
        )
        .body::<NewVehicle>()
        .example(json!({"make": "Ford", "model": "F-150", "year": 2022, "price": 38500, "location": "houston", "miles": 21000}))
        .answers::<Vehicle>(201, "The vehicle was added.")
        .answer_header("Location", "The address of the vehicle.")
        .problems(&[Code::DuplicateVin])
        .handler(async |State(app): State<App>, who: Who, Body(new): Body<NewVehicle>| -> ApiResult<_> {
            let unit = unit(&app, &who.caller).await?;
            let fields = added(new, unit);
            let (car, config) = app.crm.vehicle_add(&who.caller, fields).await.map_err(error::in_body)?;
            let vehicle = convert::vehicle(&car, &config);
            let location = [(LOCATION, format!("/v1/vehicles/{}", vehicle.id))];
            Ok((StatusCode::CREATED, location, Json(vehicle)).into_response())
        })
}

pub fn change() -> Route<App> {
    Operation::patch("/v1/vehicles/{id}")
        .name("vehicle_change")
        .right(Right::VehicleWrite)
        .summary("Update price, status, miles.")
        .describes("Any field; members left out stay as they are. A new price keeps the earlier ones.")
        .path("id", "`V-17`")
        .body::<VehicleChange>()
        .example(json!({"price": 36900, "status": "reserved"}))
        .answers::<Vehicle>(200, "The vehicle as it is now.")
        .problems(&[Code::DuplicateVin, Code::VersionBehind])
        .handler(
            async |State(app): State<App>,
                   who: Who,
                   Path(id): Path<String>,
                   Body(change): Body<VehicleChange>|
                   -> ApiResult<Json<Vehicle>> {
                let vehicle = convert::vehicle_ref(&id)?;
                let unit = unit(&app, &who.caller).await?;
                let fields = changed(change, unit);
                let (car, config) =
                    app.crm.vehicle_change(&who.caller, vehicle, fields).await.map_err(error::in_body)?;
                Ok(Json(convert::vehicle(&car, &config)))
            },
        )
}

fn added(new: NewVehicle, unit: DistanceUnit) -> VehicleFields {
    let NewVehicle {
        make,
        model,
        year,
        price,
        location,
        version,
        miles,
        status,
        vin,
        fuel,
        transmission,
        color,
        stock_number,
        license_plate,
        description,
        images,
    } = new;
    VehicleFields {
        make: Some(make),
        model: Some(model),
        version: version.map(Some),
        year: Some(year),
        price: Some(price),
        mileage: miles.map(|miles| Some(convert::to_km(miles, unit))),
        location: Some(location),
        status: status.map(convert::vehicle_status),
        vin: vin.map(Some),
        fuel: fuel.map(Some),
        transmission: transmission.map(Some),
        color: color.map(Some),
        images,
        stock_number: stock_number.map(Some),
        license_plate: license_plate.map(Some),
        description: description.map(Some),
    }
}

fn changed(change: VehicleChange, unit: DistanceUnit) -> VehicleFields {
    let VehicleChange {
        make,
        model,
        year,
        price,
        location,
        version,
        miles,
        status,
        vin,
        fuel,
        transmission,
        color,
        stock_number,
        license_plate,
        description,
        images,
    } = change;
    VehicleFields {
        make,
        model,
        version,
        year,
        price,
        mileage: miles.map(|miles| miles.map(|miles| convert::to_km(miles, unit))),
        location,
        status: status.map(convert::vehicle_status),
        vin,
        fuel,
        transmission,
        color,
        images,
        stock_number,
        license_plate,
        description,
    }
}
